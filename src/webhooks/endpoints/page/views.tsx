import type { Page } from '../../../kit/db/sql/scanned'
import { Dashboard, Empty, ShortId, Status } from '../../../kit/html/dashboard'
import { ActLink, EmptyList, type FilterField, FilterForm, Pages } from '../../../kit/html/list'
import { UserText } from '../../../kit/html/user-text'
import { receiverSource, shownUrl } from '../../rules/delivering/built-in-receiver'
import { DELIVERY_STATUSES } from '../../rules/delivering/delivery-state'
import type { UnknownFilter } from '../../rules/events/suggest'
import { DeliveryTable } from '../../send/messages/delivery-table'
import type { TypedDeliveryFilter } from '../../send/messages/filter'
import type { Count, DeliveryRow } from '../../send/messages/queries'
import { PullCard } from '../../send/pull/views'
import { ReplayCard, type ReplayProps } from '../../send/replay/views'
import { BuiltInBadge, EndpointUrl } from '../built-in/views'
import { SECTION, shownStatus } from '../views'
import { SecretCard, type SecretProps, SwitchCard, type SwitchProps, TestCard, type TestProps } from './cards'
import { HealthNotice } from './health-views'
import { SettingsCard } from './settings-card'

interface EndpointPageProps extends TestProps, SecretProps, SwitchProps {
  /** What the endpoint subscribes to and what matches no event type. */
  unknown: UnknownFilter[]
  /** A pull token that was just created. */
  pullToken: string | null
  deliveries: Page<DeliveryRow>
  /** What the list is filtered by. */
  typed: TypedDeliveryFilter
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
  const { endpoint, deliveries, typed, now } = props
  const isFiltered = Object.values(typed).some((text) => text !== '')
  const path = `/admin/endpoints/${endpoint.id}`
  return (
    <section id="deliveries">
      <h2>Deliveries</h2>
      {(isFiltered || deliveries.data.length > 0) && (
        <FilterForm action={path} fields={FILTERS} typed={typed} at="deliveries" />
      )}
      {deliveries.data.length === 0 ? (
        <NoDeliveries path={path} isFiltered={isFiltered} next={deliveries.next} />
      ) : (
        <DeliveryTable deliveries={deliveries.data} now={now} show="message" />
      )}
      <Pages next={deliveries.next} at="deliveries" />
    </section>
  )
}

const FILTERS: FilterField<keyof TypedDeliveryFilter>[] = [
  { name: 'status', label: 'Status', choices: DELIVERY_STATUSES.map((status) => [status, status]) },
  { name: 'type', label: 'Event type', placeholder: 'comment.*' },
  { name: 'since', label: 'From (UTC)', type: 'datetime-local' },
  { name: 'until', label: 'To (UTC)', type: 'datetime-local' },
]

interface NoDeliveriesProps {
  path: string
  isFiltered: boolean
  next: string | null
}

/** A page of a filtered list covers a limited number of deliveries, so an empty page may not be the last. */
function NoDeliveries({ path, isFiltered, next }: NoDeliveriesProps) {
  if (!isFiltered)
    return (
      <EmptyList title="No deliveries yet." act={<ActLink href="/#sign">Sign the guestbook</ActLink>}>
        Each message that is sent to this endpoint appears here, with every attempt and the receiver's responses. Send a
        test, or sign the guestbook.
      </EmptyList>
    )
  if (next !== null) return <Empty>No matching deliveries on this page. There may be older ones.</Empty>
  return (
    <Empty>
      No matching deliveries. <a href={`${path}#deliveries`}>Show all</a>
    </Empty>
  )
}
