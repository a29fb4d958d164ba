import type { PropsWithChildren } from '#jsx'
import { Dashboard, Empty, ShortId, Status } from '../../../kit/html/dashboard'
import { ActLink, EmptyList, Pages } from '../../../kit/html/list'
import { Section } from '../../../kit/html/parts/card'
import { type FilterField, FilterForm } from '../../../kit/html/parts/filter'
import { UserText } from '../../../kit/html/user-text'
import { receiverSource, shownUrl } from '../../rules/delivering/built-in-receiver'
import { DELIVERY_STATUSES } from '../../rules/delivering/delivery-state'
import { DeliveryTable } from '../../send/messages/delivery-table'
import type { TypedDeliveryFilter } from '../../send/messages/filter'
import { PullCard } from '../../send/pull/views'
import { ReplayCard } from '../../send/replay/views'
import { BuiltInBadge, EndpointUrl } from '../built-in/views'
import { SECTION, shownStatus } from '../views'
import { SecretCard, SwitchCard, TestCard } from './cards'
import { HealthNotice } from './health-views'
import { SettingsCard } from './settings-card'
import type { EndpointProps, Viewer } from './viewer'

/** The page of the owner. */
export function EndpointPage(props: EndpointProps & { notice: string | undefined }) {
  const { endpoint, notice } = props
  return (
    <Dashboard
      title="Endpoint"
      pageTitle={`${shownUrl(endpoint.url).replace(/^https?:\/\//, '')} · ${shownStatus(endpoint).replace('_', ' ')}`}
      crumbs={[{ href: SECTION, label: 'Endpoints' }]}
      section={SECTION}
      notice={notice}
    >
      <EndpointDetails {...props} />
    </Dashboard>
  )
}

/** The endpoint, with the cards and forms that its viewer may use. The children are what is shown once. */
export function EndpointDetails(props: PropsWithChildren<EndpointProps>) {
  const { endpoint, viewer, now, unknown = [] } = props
  const { isOwner, may } = viewer
  return (
    <>
      <p class="lead">
        <Status value={shownStatus(endpoint)} />{' '}
        <b class="url">
          <EndpointUrl url={endpoint.url} />
        </b>{' '}
        {isOwner && <BuiltInBadge url={endpoint.url} />} {isOwner && <ShortId id={endpoint.id} />}{' '}
        <a class="button" href={`${viewer.page}/edit`}>
          Edit
        </a>
      </p>
      {isOwner && endpoint.description && (
        <p>
          <UserText text={endpoint.description} />
        </p>
      )}
      {isOwner ? <ReceiverNote url={endpoint.url} /> : <EventTypes types={JSON.parse(endpoint.event_types)} />}
      <HealthNotice endpoint={endpoint} parked={props.parked} isOwner={isOwner} now={now} />
      {isOwner && <SettingsCard {...{ endpoint, viewer, unknown }} />}
      {props.children}
      <div class="columns">
        {props.secret && <SecretCard {...props} />}
        {may.test && <TestCard {...props} />}
        {!props.secret && <SecretCard {...props} />}
      </div>
      <Deliveries {...props} />
      <ReplayCard {...props} />
      {may.pull && <PullCard endpoint={endpoint} path={may.pull} token={props.pullToken} />}
      <SwitchCard {...props} />
    </>
  )
}

function EventTypes({ types }: { types: string[] }) {
  return (
    <p>
      Event types: <code>{types.join(' ')}</code>
    </p>
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

function Deliveries({ viewer, deliveries, typed, now }: EndpointProps) {
  const { isOwner, may, pathTo } = viewer
  const isFiltered = Object.values(typed).some((text) => text !== '')
  const at = isOwner ? 'deliveries' : 'log'
  return (
    <Section id={at} title={isOwner ? 'Deliveries' : 'Log'}>
      {may.filter && (isFiltered || deliveries.data.length > 0) && (
        <FilterForm action={may.filter} fields={FILTERS} typed={typed} at={at} />
      )}
      {deliveries.data.length === 0 ? (
        <NoDeliveries viewer={viewer} isFiltered={isFiltered} next={deliveries.next} />
      ) : (
        <DeliveryTable deliveries={deliveries.data} now={now} show="message" pathOf={pathTo} />
      )}
      <Pages next={deliveries.next} at={at} />
    </Section>
  )
}

const FILTERS: FilterField<keyof TypedDeliveryFilter>[] = [
  { name: 'status', label: 'Status', choices: DELIVERY_STATUSES.map((status) => [status, status]), isQuick: true },
  { name: 'type', label: 'Event type', placeholder: 'comment.*' },
]

interface NoDeliveriesProps {
  viewer: Viewer
  isFiltered: boolean
  next: string | null
}

/** A page of a filtered list covers a limited number of deliveries, so an empty page may not be the last. */
function NoDeliveries({ viewer: { isOwner, page, may }, isFiltered, next }: NoDeliveriesProps) {
  if (!isOwner && !may.test)
    return <Empty>No deliveries yet. The owner of the guestbook must enable this endpoint first.</Empty>
  if (!isOwner) return <Empty>No deliveries yet. Send a test to check that your URL works.</Empty>
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
      No matching deliveries. <a href={`${page}#deliveries`}>Show all</a>
    </Empty>
  )
}
