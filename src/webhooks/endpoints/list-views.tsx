import { Dashboard, Status, type Tone } from '../../kit/html/dashboard'
import { ActLink, EmptyList, ListStart, NoMatches, Pages } from '../../kit/html/list'
import { Card } from '../../kit/html/parts/card'
import { type FilterField, FilterForm } from '../../kit/html/parts/filter'
import { type Parts, Sparkline } from '../../kit/html/parts/sparkline'
import { type Column, Table } from '../../kit/html/parts/table'
import { RelativeTime } from '../../kit/html/time'
import { UserText } from '../../kit/html/user-text'
import { DASHBOARD } from '../../kit/lib/paths'
import type { Count } from '../send/messages/queries'
import type { Receiver } from './built-in-receiver'
import { EndpointLink, ReceiverButton, ReceiverLeftOut } from './built-in-views'
import { answerInWords, type LastAttempt } from './last-answers'
import type { EndpointRow } from './store'
import { NEW, SUCCESS_LAG, shownEndpointStatus } from './views'

/** An endpoint, and what its line in the list says about it. */
export interface ListedEndpoint extends EndpointRow {
  parked: Count
  last: LastAttempt | undefined
  /** Undefined if nothing was sent in the last 24 hours. */
  recent: Parts | undefined
}

/** From the worst to the best. `disabled`: because it failed for too long. */
const WORST: Tone[] = ['breaker_open', 'failing', 'disabled', 'awaiting_approval', 'throttled', 'draining', 'enabled']

/** An endpoint that somebody has switched off is last. */
function rankOf(endpoint: ListedEndpoint): number {
  const status = shownEndpointStatus(endpoint)
  const isOff = status === 'disabled' && (endpoint.disabled_reason ?? 'manual') === 'manual'
  const at = WORST.indexOf(status)
  return isOff || at < 0 ? WORST.length : at
}

/** @returns the worst first, and of equal ones the one with the lowest success rate. What is switched off is last */
export function byTrouble(a: ListedEndpoint, b: ListedEndpoint): number {
  return rankOf(a) - rankOf(b) || (rateOf(a.recent) ?? 1) - (rateOf(b.recent) ?? 1)
}

function sum(parts: Parts = []) {
  return parts.reduce((all, { good, bad }) => ({ good: all.good + good, bad: all.bad + bad }), { good: 0, bad: 0 })
}

function rateOf(parts: Parts | undefined): number | null {
  const { good, bad } = sum(parts)
  return good + bad === 0 ? null : good / (good + bad)
}

function columnsAt(now: number): Column<ListedEndpoint>[] {
  return [
    { head: 'Health', cell: (row) => <Status value={shownEndpointStatus(row)} /> },
    {
      head: 'Endpoint',
      class: 'wide',
      cell: ({ id, ...row }) => <EndpointLink href={`${DASHBOARD.endpoints}/${id}`} {...row} />,
    },
    { head: 'Success in 24 h', cell: ({ recent }) => <Success recent={recent} /> },
    { head: 'Last delivery', class: 'wrap', cell: ({ last }) => <LastDelivery last={last} now={now} /> },
    { head: 'Waiting', cell: WaitingLink },
  ]
}

/** How many attempts of the last 24 hours succeeded, and in which hours. */
export function Success({ recent }: Pick<ListedEndpoint, 'recent'>) {
  const rate = rateOf(recent)
  if (!recent || rate === null) return '–'
  const { good, bad } = sum(recent)
  return (
    <span class="success">
      {Math.floor(rate * 100)}% <Sparkline parts={recent} label={`${good} of ${good + bad} attempts delivered`} />
    </span>
  )
}

function LastDelivery({ last, now }: { last: LastAttempt | undefined; now: number }) {
  if (!last) return '–'
  return (
    <>
      <RelativeTime at={last.started_at} now={now} />
      {last.outcome !== 'delivered' && (
        <div class="small">
          <UserText text={answerInWords(last)} />
        </div>
      )}
    </>
  )
}

function WaitingLink({ id, breaker, parked: { count, counted_all } }: ListedEndpoint) {
  if (count === 0) return breaker === 'draining' ? 'being sent' : '–'
  return (
    <a href={`${DASHBOARD.endpoints}/${id}?status=waiting`}>
      {count.toLocaleString('en')}
      {!counted_all && '+'}
    </a>
  )
}

const FILTERS: FilterField<'state' | 'q'>[] = [
  {
    name: 'state',
    label: 'Status',
    isQuick: true,
    choices: [
      ['attention', 'failing or waiting for approval'],
      ['enabled', 'enabled'],
      ['disabled', 'disabled'],
    ],
  },
  { name: 'q', label: 'Search', type: 'search', placeholder: 'ID, URL, description' },
]

interface ListProps {
  endpoints: ListedEndpoint[]
  /** What was typed into the filter. */
  typed: Record<'state' | 'q', string>
  next: string | null
  hasMoreNeedy: boolean
  /** Null if it is not registered. */
  receiver: Receiver | null
  now: number
}

export function EndpointsPage({ endpoints, typed, next, hasMoreNeedy, receiver, now }: ListProps) {
  const isFiltered = typed.state !== '' || typed.q !== ''
  const isEmpty = endpoints.length === 0
  return (
    <Dashboard
      title="Endpoints"
      section={DASHBOARD.endpoints}
      act={
        <ActLink href={NEW} isPrimary>
          New endpoint
        </ActLink>
      }
    >
      {(isFiltered || !isEmpty) && <FilterForm action={DASHBOARD.endpoints} fields={FILTERS} typed={typed} />}
      <ListStart />
      <Table
        columns={columnsAt(now)}
        rows={endpoints}
        empty={
          isFiltered ? (
            <NoMatches what="endpoints" href={DASHBOARD.endpoints} next={next} />
          ) : (
            <NoEndpoints receiver={receiver} />
          )
        }
      />
      {endpoints.some(({ recent }) => recent) && <p class="hint">{SUCCESS_LAG}</p>}
      {hasMoreNeedy && (
        <p>
          <a href={`${DASHBOARD.endpoints}?state=attention`}>Show all that fail or wait for approval</a>
        </p>
      )}
      <Pages next={next} />
      {receiver && !endpoints.some(({ id }) => id === receiver.endpoint_id) && (
        <ReceiverLeftOut href={`${DASHBOARD.endpoints}/${receiver.endpoint_id}`} />
      )}
      {!receiver && !isEmpty && !isFiltered && <ReceiverHint />}
    </Dashboard>
  )
}

function NoEndpoints({ receiver }: Pick<ListProps, 'receiver'>) {
  const act = receiver === null && <ReceiverButton from="endpoints" />
  return (
    <EmptyList
      title="No endpoints yet."
      act={act}
      help={
        <>
          An endpoint is a URL that gets a webhook for each new entry, such as the URL of your own program or of a chat
          channel. <a href={`${DASHBOARD.endpoints}/new`}>Register one</a>. If you have no URL yet, the built-in
          receiver shows you what arrives.
        </>
      }
    />
  )
}

function ReceiverHint() {
  return (
    <Card title="No server yet?">
      <p>The built-in receiver is part of this guestbook. It shows you what a receiver gets.</p>
      <ReceiverButton from="endpoints" />
    </Card>
  )
}
