import type { Child, PropsWithChildren } from '#jsx'
import type { ScannedPage } from '../../../kit/db/scanned'
import { Dashboard, Empty, Secret, ShortId, statusWord } from '../../../kit/html/dashboard'
import { ActLink, EmptyList, NoMatches, Pages } from '../../../kit/html/list'
import { Card, Section } from '../../../kit/html/parts/card'
import { type FilterField, FilterForm } from '../../../kit/html/parts/filter'
import { Kept } from '../../../kit/html/parts/form'
import type { Parts } from '../../../kit/html/parts/sparkline'
import { Tabs } from '../../../kit/html/parts/tabs'
import { RelativeTime } from '../../../kit/html/time'
import { DASHBOARD } from '../../../kit/lib/paths'
import { namesFor } from '../../registration/read-guide'
import { endpointName, receiverSource } from '../../rules/delivering/built-in-receiver'
import type { UnknownFilter } from '../../rules/events/suggest'
import { DeliveryTable, NoneOnThisPage } from '../../send/messages/delivery-table'
import { SELECTIONS, type TypedDeliveryFilter } from '../../send/messages/filter'
import type { ShownDelivery } from '../../send/messages/queries'
import { BuiltInBadge, EndpointUrl } from '../built-in-views'
import { Success } from '../list-views'
import type { EndpointRow } from '../store'
import { SUCCESS_LAG, shownEndpointStatus, WHY_SECRET } from '../views'
import { OldSecret } from './cards'
import { HealthBanner } from './health-views'
import type { EndpointNotices } from './notices'
import type { Health } from './read-health'
import { UnknownType } from './settings-card'
import { type ShownOnce, TAB_LABELS, type TabName, tabAt, type Viewed, type Viewer } from './viewer'

/** What every viewer sees: how the endpoint is doing, and the content of one tab. */
export interface EndpointProps extends Viewed {
  health: Health
  tab: TabName
  content: Child
  once: ShownOnce | null
}

type PageProps = EndpointProps &
  EndpointNotices & {
    recent: Parts | undefined
    /** What the endpoint subscribes to and what matches no event type. */
    unknown: UnknownFilter[]
  }

/** The page of the owner. */
export function EndpointPage(props: PageProps) {
  const { endpoint, viewer, notice, error, recent, unknown } = props
  const name = endpointName(endpoint)
  // Where the deliveries of the built-in receiver arrive.
  const source_id = receiverSource(endpoint.url)
  return (
    <Dashboard
      title={name}
      pageTitle={`${name} · ${statusWord(shownEndpointStatus(endpoint))}`}
      section={DASHBOARD.endpoints}
      {...{ notice, error }}
    >
      <p>
        {endpoint.description && (
          <>
            <span class="url">
              <EndpointUrl url={endpoint.url} />
            </span>{' '}
          </>
        )}
        <BuiltInBadge url={endpoint.url} /> <ShortId id={endpoint.id} />
        {recent && (
          <>
            {' '}
            Success in 24 h: <Success recent={recent} /> <span class="hint">{SUCCESS_LAG}</span>
          </>
        )}
      </p>
      {source_id !== null && (
        <p>
          Its deliveries go to a source of this guestbook, so you need no server to try webhooks. See{' '}
          <a href={`${DASHBOARD.requests}?source=${source_id}`}>what arrived</a>, and{' '}
          <a href={`${DASHBOARD.sources}/${source_id}`}>the source</a>, which verifies each signature.
        </p>
      )}
      <EndpointDetails {...props}>
        {unknown.map((filter) => (
          <UnknownType {...filter} edit={`${viewer.page}/edit`} />
        ))}
      </EndpointDetails>
    </Dashboard>
  )
}

/** The endpoint, with the tabs that its viewer may use. The children are what is shown once. */
export function EndpointDetails(props: PropsWithChildren<EndpointProps>) {
  const { endpoint, viewer, tab, content, once } = props
  const tabs = TAB_LABELS.map(([name, label]) => ({ href: tabAt(viewer, name), label, isCurrent: name === tab }))
  return (
    <Kept.Provider value={once?.kept}>
      {!viewer.isOwner && (
        <p class="lead">
          <b class="url">
            <EndpointUrl url={endpoint.url} />
          </b>
        </p>
      )}
      {once && <NewSecrets {...props} {...once} />}
      {props.children}
      <HealthBanner {...props} />
      <Tabs label="Endpoint" tabs={tabs} />
      {content}
    </Kept.Provider>
  )
}

function NewSecrets({ endpoint, origin, now, secret, old_until, pull_token, until }: EndpointProps & ShownOnce) {
  const address = `${origin}/api/endpoints/${endpoint.id}/messages`
  const end = (name: string) => (
    <p>
      Copy it now. It is shown in this browser tab only, also after a reload. It will disappear{' '}
      <RelativeTime at={until[name] ?? now} now={now} />.
    </p>
  )
  return (
    <>
      {secret && (
        <Card title="Save the signing secret now">
          <p>{WHY_SECRET}</p>
          <Secret text={secret} label="Copy the secret" />
          <Secret text={`${namesFor(origin).secret}=${secret}`} label="Copy the variable" />
          <OldSecret until={old_until} now={now} />
          {end('secret')}
        </Card>
      )}
      {pull_token && endpoint.pull_token_hash && (
        <Card title="Save the pull token now">
          <Secret text={pull_token} label="Copy the pull token" />
          <Secret text={`curl "${address}" -H "Authorization: Bearer ${pull_token}"`} label="Copy the command" />
          {end('pull_token')}
        </Card>
      )}
    </>
  )
}

interface DeliveriesProps extends Viewed {
  deliveries: ScannedPage<ShownDelivery>
  /** What each message says in a few words, by its id. */
  titles: Map<string, string>
  /** What the list is filtered by. */
  typed: TypedDeliveryFilter
}

export function Deliveries({ endpoint, viewer, deliveries, titles, typed, now }: DeliveriesProps) {
  const { isOwner, may, pathTo } = viewer
  const isFiltered = Object.values(typed).some((text) => text !== '')
  return (
    <Section id="deliveries">
      {may.filter && (isFiltered || deliveries.data.length > 0) && (
        <FilterForm
          action={may.filter}
          fields={isOwner ? FILTERS : FILTERS.slice(0, 1)}
          typed={typed}
          at="deliveries"
        />
      )}
      {deliveries.data.length === 0 && <NoDeliveries {...{ endpoint, viewer, isFiltered }} next={deliveries.next} />}
      <DeliveryTable deliveries={deliveries.data} {...{ titles, now }} show="message" pathOf={pathTo} />
      <Pages next={deliveries.next} at="deliveries" />
    </Section>
  )
}

/** An integrator gets the first one: each of the deliveries that the search for a type reads costs two rows more. */
const FILTERS: FilterField<keyof TypedDeliveryFilter>[] = [
  { name: 'status', label: 'Deliveries', none: 'attempted', whole: 'all', choices: SELECTIONS, isQuick: true },
  { name: 'type', label: 'Event type', placeholder: 'comment.*' },
]

type NoDeliveriesProps = { endpoint: EndpointRow; viewer: Viewer; isFiltered: boolean; next: string | null }

/** A page of a filtered list covers a limited number of deliveries, so an empty page may not be the last. */
function NoDeliveries({ endpoint, viewer: { isOwner, page }, isFiltered, next }: NoDeliveriesProps) {
  // The top of the page says what has to happen first, and is up to date.
  if (endpoint.status === 'disabled' && !isFiltered) return <Empty>Nothing has been sent yet.</Empty>
  if (!isOwner && !isFiltered)
    return <p class="empty">Nothing has been sent yet. Send a test to check that your URL works.</p>
  if (!isFiltered)
    return (
      <EmptyList
        title="Nothing has been sent yet."
        help={
          <>
            Each message that is sent to this endpoint appears here, with every attempt and the receiver's responses.
            Send a test, or sign the guestbook.
          </>
        }
        act={
          <>
            <ActLink href={`${page}?status=waiting#deliveries`}>Show what waits</ActLink>{' '}
            <ActLink href="/#sign">Sign the guestbook</ActLink>
          </>
        }
      />
    )
  if (next !== null) return <NoneOnThisPage />
  return <NoMatches what="deliveries" href={`${page}?status=all#deliveries`} />
}
