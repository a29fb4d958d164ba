import { CopyButton, Dashboard, ShortId, Status, statusWord, type Tone } from '../../../kit/html/dashboard'
import { ActLink, EmptyList, ListStart, Neighbors as NeighborLinks, NoMatches, Pages } from '../../../kit/html/list'
import { Section } from '../../../kit/html/parts/card'
import { type FilterField, FilterForm } from '../../../kit/html/parts/filter'
import { type Column, Rows, Table } from '../../../kit/html/parts/table'
import { RelativeTime } from '../../../kit/html/time'
import { Excerpt, UserBlock, UserCode, UserText } from '../../../kit/html/user-text'
import { DASHBOARD } from '../../../kit/lib/paths'
import { indentJson } from '../../../kit/lib/requests/pretty-body'
import type { OwnTypeRow } from '../../event-types/store'
import { DeliveryTable, NoneOnThisPage, shownState } from './delivery-table'
import type { TypedMessageFilter } from './filter'
import { type DeliveryOutcome, type FoundMessage, withoutReceiver } from './list-messages'
import { type PublishFields, PublishForm } from './publish-form'
import type { Count, MessageDetail, MessageRow, NeighborMessages, ShownDelivery } from './queries'

/** @returns for example "3 messages", or "more than 1000 deliveries" */
export function countText({ count, counted_all }: Count, singular: 'message' | 'delivery'): string {
  const plural = { message: 'messages', delivery: 'deliveries' }[singular]
  return `${counted_all ? '' : 'more than '}${count} ${count === 1 ? singular : plural}`
}

interface MessageRowsProps {
  messages: FoundMessage[]
  /** What became of each message, by id; null if there are too many endpoints to count. */
  outcomes: Map<string, DeliveryOutcome[]> | null
  /** What each message says in a few words, by id. */
  titles: Map<string, string>
  now: number
}

export function MessageRows({ messages, ...columns }: MessageRowsProps) {
  return <Rows columns={columnsFor(columns)} rows={messages} />
}

/** Some messages, on another page. */
export function MessageTable({ messages, ...columns }: MessageRowsProps) {
  return <Table columns={columnsFor(columns)} rows={messages} />
}

function columnsFor({ outcomes, titles, now }: Omit<MessageRowsProps, 'messages'>): Column<FoundMessage>[] {
  return [
    { head: 'When', cell: ({ created_at }) => <RelativeTime at={created_at} now={now} /> },
    { head: 'Event', class: 'wide', cell: (message) => <EventLink {...message} title={titles.get(message.id)} /> },
    { head: 'Deliveries', cell: (message) => <Deliveries message={message} outcome={outcomes?.get(message.id)} /> },
    { head: 'Message', label: null, cell: ({ id }) => <ShortId id={id} /> },
  ]
}

function EventLink({ id, type, title, excerpt }: FoundMessage & { title: string | undefined }) {
  const named = <UserCode text={type} />
  return (
    <>
      <a href={`${DASHBOARD.messages}/${id}`}>{title === undefined ? named : <UserText text={title} />}</a>
      {title !== undefined && <div class="small">{named}</div>}
      <Excerpt text={excerpt} shown={`${title ?? ''}\n${type}`} />
    </>
  )
}

function Deliveries({ message, outcome }: { message: MessageRow; outcome: DeliveryOutcome[] | undefined }) {
  if (message.dispatched_at === null) return <Status value="held" />
  return outcome === undefined ? <>see the message</> : <OutcomeText outcome={outcome} />
}

/** The order in which a summary names what became of deliveries. */
const STATES = ['delivered', 'failed', 'failing', 'sending', 'held', 'canceled'] as const

/** @returns how many deliveries of a message are in each state, such as "4 delivered" and "2 failing" */
function countsOf(outcome: DeliveryOutcome[]): [state: Tone, text: string][] {
  const counts = Map.groupBy(outcome, shownState)
  return STATES.flatMap((one) => {
    const count = counts.get(one)?.length
    return count ? [[one, `${count} ${statusWord(one)}`] as const] : []
  })
}

/** What became of the deliveries of a message. */
export function OutcomeText({ outcome }: { outcome: DeliveryOutcome[] }) {
  if (outcome.length === 0) return <span class="small">no endpoint subscribed</span>
  return countsOf(outcome).map(([state, label]) => (
    <>
      <Status value={state} label={label} />{' '}
    </>
  ))
}

const FILTERS: FilterField<keyof TypedMessageFilter>[] = [
  { name: 'state', label: 'Deliveries', choices: [['failed', 'some failed']], isQuick: true },
  { name: 'type', label: 'Event type', placeholder: 'comment.*' },
  { name: 'q', label: 'Search', type: 'search', placeholder: 'ID, event type, payload' },
]

interface MessagesProps extends MessageRowsProps {
  next: string | null
  typed: TypedMessageFilter
  publishing: PublishFields
  ownTypes: Pick<OwnTypeRow, 'name'>[]
}

export function MessagesPage(props: MessagesProps) {
  const { messages, next, typed } = props
  return (
    <Dashboard title="Messages" section={DASHBOARD.messages}>
      <FilterForm action={DASHBOARD.messages} fields={FILTERS} typed={typed} />
      <ListStart />
      {messages.length === 0 && <NoMessages typed={typed} next={next} />}
      <Table columns={columnsFor(props)} rows={messages} isLive />
      <Pages next={next} />
      <PublishForm fields={props.publishing} ownTypes={props.ownTypes} />
    </Dashboard>
  )
}

function NoMessages({ typed, next }: { typed: TypedMessageFilter; next: string | null }) {
  if (next !== null || Object.values(typed).some((text) => text !== ''))
    return <NoMatches what="messages" href={DASHBOARD.messages} next={next} />
  return (
    <EmptyList
      title="No messages yet."
      help={
        <>
          Each event, such as a new entry, is one message. It is stored once and sent to every endpoint that subscribes
          to it. This list shows the outcome.
        </>
      }
      act={<ActLink href="/#sign">Sign the guestbook</ActLink>}
    />
  )
}

interface MessageProps {
  message: MessageDetail
  /** What it says in a few words. */
  title: string | undefined
  /** What it reports, unless that was deleted. */
  subject: { href: string; label: string } | null
  deliveries: ShownDelivery[]
  next: string | null
  neighbors: NeighborMessages
  now: number
}

export function MessagePage({
  message,
  title = message.type,
  subject,
  deliveries,
  next,
  neighbors,
  now,
}: MessageProps) {
  const counted = withoutReceiver(deliveries, ({ endpoint_url }) => endpoint_url ?? '')
  const counts = countsOf(counted).map(([, text]) => text)
  const outcome = next === null && counts.length > 0 ? ` · ${counts.join(', ')}` : ''
  return (
    <Dashboard title={title} pageTitle={`${title}${outcome}`} section={DASHBOARD.messages}>
      <p class="lead">
        <code>{message.type}</code> <ShortId id={message.id} /> <RelativeTime at={message.created_at} now={now} />{' '}
        {subject && <a href={subject.href}>{subject.label}</a>}
      </p>
      <Section id="deliveries" title="Deliveries">
        {deliveries.length === 0 ? (
          <NoDeliveries message={message} next={next} />
        ) : (
          <DeliveryTable deliveries={deliveries} now={now} show="endpoint" canRetry={message.erased_at === null} />
        )}
        <Pages next={next} param="after" at="deliveries" />
      </Section>
      <Payload message={message} />
      <NeighborLinks newer={pathTo(neighbors.newer)} older={pathTo(neighbors.older)} />
    </Dashboard>
  )
}

const pathTo = (id: string | null): string | null => id && `${DASHBOARD.messages}/${id}`

function NoDeliveries({ message, next }: Pick<MessageProps, 'message' | 'next'>) {
  if (message.dispatched_at === null) return <p class="empty">Not sent yet. Reload the page in a moment.</p>
  if (next !== null) return <NoneOnThisPage />
  return (
    <p class="empty">
      No endpoint was subscribed to <code>{message.type}</code> when this message was published. To send it to an
      endpoint now, open the <a href={DASHBOARD.endpoints}>endpoint</a> and replay the messages that it missed.
    </p>
  )
}

export function Payload({ message: { payload, erased_at } }: { message: MessageDetail }) {
  if (erased_at !== null)
    return <p class="notice">The payload was erased, because the entry or request that it reports was deleted.</p>
  return (
    <Section title="Payload" act={<CopyButton text={payload} label="Copy the payload" />}>
      <UserBlock text={indentJson(payload)} />
      <p class="hint">
        Formatted for readability. Guesthook stores it as one line. An endpoint in the format Standard Webhooks gets the
        same bytes every time. Other formats and digests are made from it.
      </p>
    </Section>
  )
}
