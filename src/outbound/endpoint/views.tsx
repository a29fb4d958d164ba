import { receiverSource, shownUrl } from '../../core/delivering/built-in-receiver'
import { DELIVERY_STATUSES } from '../../core/delivering/delivery-state'
import type { UnknownFilter } from '../../core/events/suggest'
import { BuiltInBadge, EndpointUrl } from '../../endpoints/built-in/views'
import { SECTION, shownStatus } from '../../endpoints/views'
import { Dashboard, Empty, ShortId, Status } from '../../ui/dashboard'
import { ActLink, EmptyList, Pages } from '../../ui/list'
import { UserText } from '../../ui/user-text'
import { DeliveryTable } from '../messages/delivery-table'
import type { DeliveryPage } from '../messages/list-deliveries'
import type { Count } from '../messages/queries'
import { PullCard } from '../pull/views'
import { ReplayCard, type ReplayProps } from '../replay/views'
import { SecretCard, type SecretProps, SwitchCard, type SwitchProps, TestCard, type TestProps } from './cards'
import { HealthNotice } from './health-views'
import { SettingsCard } from './settings-card'

interface EndpointPageProps extends TestProps, SecretProps, SwitchProps {
  /** What the endpoint subscribes to and what matches no event type. */
  unknown: UnknownFilter[]
  /** A pull token that was just created. */
  pullToken: string | null
  deliveries: DeliveryPage
  /** The status that the list is filtered by. */
  status: string | undefined
  parked: Count
  replay: Omit<ReplayProps, 'endpoint' | 'now'>
  notice?: string | undefined
  error?: string | undefined
  now: number
}

export function EndpointPage(props: EndpointPageProps) {
  const { endpoint, now } = props
  // A page has one primary action. Enabling an endpoint or starting a previewed replay takes precedence over a test.
  const testIsPrimary = endpoint.status === 'enabled' && props.replay.counted === null
  return (
    <Dashboard
      title="Endpoint"
      pageTitle={`${shownUrl(endpoint.url).replace(/^https?:\/\//, '')} · ${shownStatus(endpoint).replace('_', ' ')}`}
      crumbs={[{ href: SECTION, label: 'Endpoints' }]}
      section={SECTION}
      notice={props.notice}
      error={props.error}
    >
      <p class="lead">
        <Status value={shownStatus(endpoint)} />{' '}
        <b class="url">
          <EndpointUrl url={endpoint.url} />
        </b>{' '}
        <BuiltInBadge url={endpoint.url} /> <ShortId id={endpoint.id} />{' '}
        <a class="button" href={`/admin/endpoints/${endpoint.id}/edit`}>
          Edit
        </a>
      </p>
      {endpoint.description && (
        <p>
          <UserText text={endpoint.description} />
        </p>
      )}
      <ReceiverNote url={endpoint.url} />
      <HealthNotice endpoint={endpoint} parked={props.parked} now={now} />
      <SettingsCard endpoint={endpoint} unknown={props.unknown} />
      <div class="columns">
        {props.secret && <SecretCard {...props} />}
        <TestCard {...props} isPrimary={testIsPrimary} />
        {!props.secret && <SecretCard {...props} />}
      </div>
      <Deliveries {...props} />
      <ReplayCard endpoint={endpoint} {...props.replay} now={now} />
      <PullCard endpoint={endpoint} token={props.pullToken} />
      <SwitchCard {...props} />
    </Dashboard>
  )
}

/** Where the deliveries of the built-in receiver arrive. */
function ReceiverNote({ url }: { url: string }) {
  const source_id = receiverSource(url)
  if (source_id === null) return null
  return (
    <p>
      Its deliveries go to a source of this guestbook, so you need no server to try webhooks. See{' '}
      <a href={`/admin/inbound?source=${source_id}`}>what arrived</a>, and{' '}
      <a href={`/admin/sources/${source_id}`}>the source</a>, which verifies each signature with the secret below.
    </p>
  )
}

function Deliveries(props: EndpointPageProps) {
  const { endpoint, deliveries, status, now } = props
  const path = `/admin/endpoints/${endpoint.id}`
  return (
    <section id="deliveries">
      <h2>Deliveries</h2>
      <Filter path={path} status={status} />
      {deliveries.data.length === 0 ? (
        <NoDeliveries path={path} status={status} next={deliveries.next} />
      ) : (
        <DeliveryTable deliveries={deliveries.data} now={now} show="message" />
      )}
      <Pages next={deliveries.next} at="deliveries" />
    </section>
  )
}

interface NoDeliveriesProps {
  path: string
  status: string | undefined
  next: string | null
}

/** A page of a filtered list covers a limited number of deliveries, so an empty page may not be the last. */
function NoDeliveries({ path, status, next }: NoDeliveriesProps) {
  if (status === undefined)
    return (
      <EmptyList title="No deliveries yet." act={<ActLink href="/#sign">Sign the guestbook</ActLink>}>
        Each message that is sent to this endpoint appears here, with every attempt and the receiver's responses. Send a
        test, or sign the guestbook.
      </EmptyList>
    )
  if (next !== null) return <Empty>No {status} deliveries on this page. There may be older ones.</Empty>
  return (
    <Empty>
      No {status} deliveries. <a href={`${path}#deliveries`}>Show all</a>
    </Empty>
  )
}

function Filter({ path, status }: { path: string; status: string | undefined }) {
  return (
    <p class="filter">
      <a href={`${path}#deliveries`} aria-current={status === undefined ? 'true' : undefined}>
        all
      </a>
      {DELIVERY_STATUSES.map((value) => (
        <a href={`${path}?status=${value}#deliveries`} aria-current={status === value ? 'true' : undefined}>
          {value}
        </a>
      ))}
    </p>
  )
}
