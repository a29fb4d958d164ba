import { indentJson } from '../../core/lib/pretty-body'
import { CopyButton, Dashboard, Empty, NextPage, ShortId, Status } from '../../ui/dashboard'
import { RelativeTime } from '../../ui/time'
import { UserBlock, UserText } from '../../ui/user-text'
import type { Count, DeliveryRow, MessageDetail, MessageRow } from './queries'

export const SECTION = '/admin/messages' as const

/** @returns for example "3 messages", or "more than 1000 deliveries" */
export function countText({ count, counted_all }: Count, singular: 'message' | 'delivery'): string {
  const plural = { message: 'messages', delivery: 'deliveries' }[singular]
  return `${counted_all ? '' : 'more than '}${count} ${count === 1 ? singular : plural}`
}

export function MessageTable({ messages, now }: { messages: MessageRow[]; now: number }) {
  if (messages.length === 0) {
    return (
      <Empty>
        No messages yet. <a href="/#sign">Sign the guestbook</a> to publish the first one.
      </Empty>
    )
  }
  return (
    <table>
      <thead>
        <tr>
          <th>Message</th>
          <th>Event type</th>
          <th>Published</th>
          <th>Dispatched</th>
        </tr>
      </thead>
      <tbody>
        {messages.map((message) => (
          <tr>
            <td>
              <ShortId id={message.id} href={`/admin/messages/${message.id}`} />
            </td>
            <td>
              <code>{message.type}</code>
            </td>
            <td data-label="Published">
              <RelativeTime at={message.created_at} now={now} />
            </td>
            <td data-label="Dispatched">
              {message.dispatched_at === null ? (
                'not yet'
              ) : (
                <span class="small">after {Math.max(message.dispatched_at - message.created_at, 0)} ms</span>
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

interface DeliveryTableProps {
  deliveries: DeliveryRow[]
  now: number
  /** Whether to show each delivery's message or its endpoint, whichever the page is not about. */
  show: 'message' | 'endpoint'
  /** The path of a delivery's page. Defaults to the owner's page. */
  pathOf?: (delivery: DeliveryRow) => string
}

function ownersPath({ message_id, endpoint_id }: DeliveryRow): string {
  return `/admin/messages/${message_id}/deliveries/${endpoint_id}`
}

export function DeliveryTable(props: DeliveryTableProps) {
  const { deliveries, now, show, pathOf = ownersPath } = props
  return (
    <table>
      <thead>
        <tr>
          <th>Status</th>
          <th>{show === 'message' ? 'Message' : 'Endpoint'}</th>
          <th>Attempts</th>
          <th>Last response</th>
          <th>Next attempt</th>
        </tr>
      </thead>
      <tbody>
        {deliveries.map((delivery) => (
          <DeliveryLine delivery={delivery} now={now} show={show} path={pathOf(delivery)} />
        ))}
      </tbody>
    </table>
  )
}

interface DeliveryLineProps extends Pick<DeliveryTableProps, 'now' | 'show'> {
  delivery: DeliveryRow
  path: string
}

function DeliveryLine({ delivery, now, show, path }: DeliveryLineProps) {
  return (
    <tr>
      <td>
        <Status value={delivery.status} />
        {delivery.reason && <div class="small">{delivery.reason.replaceAll('_', ' ')}</div>}
      </td>
      <td class="wide">
        {show === 'message' ? (
          <>
            <ShortId id={delivery.message_id} href={path} /> <code>{delivery.event_type}</code>
          </>
        ) : (
          <a href={path}>
            <UserText text={delivery.endpoint_url ?? 'deleted endpoint'} />
          </a>
        )}
      </td>
      <td data-label="Attempts">{delivery.attempt_count}</td>
      <td data-label="Last response">{delivery.last_status_code ?? '–'}</td>
      <td data-label="Next attempt">
        <NextAttempt delivery={delivery} now={now} />
      </td>
    </tr>
  )
}

/** When a parked delivery will be sent, keyed by the reason it is parked. Parked deliveries have no scheduled time. */
const PARKED_UNTIL: Record<string, string> = {
  endpoint_disabled: 'when enabled',
  breaker_open: 'after recovery',
  throttled: 'after the pause',
  endpoint_draining: 'queued',
  paced: 'with the next call',
}

/** `next_attempt_at` doubles as a lease while an attempt is under way, so it is not always a scheduled time. */
export function NextAttempt({ delivery, now }: { delivery: DeliveryRow; now: number }) {
  const { status, next_attempt_at, attempt_count, reason } = delivery
  if (status !== 'pending') return <>–</>
  if (next_attempt_at === null) return <>{PARKED_UNTIL[reason ?? ''] ?? 'parked'}</>
  if (next_attempt_at <= now) return <>due now</>
  const isUnderWay = attempt_count === 0 || reason === null
  return isUnderWay ? <>sending now</> : <RelativeTime at={next_attempt_at} now={now} />
}

export function MessagesPage(props: { messages: MessageRow[]; next: string | null; now: number }) {
  return (
    <Dashboard title="Messages" section={SECTION}>
      <MessageTable messages={props.messages} now={props.now} />
      <NextPage href={props.next && `/admin/messages?cursor=${props.next}`} />
    </Dashboard>
  )
}

interface MessageProps {
  message: MessageDetail
  deliveries: DeliveryRow[]
  next: string | null
  now: number
}

export function MessagePage({ message, deliveries, next, now }: MessageProps) {
  return (
    <Dashboard title="Message" section={SECTION}>
      <p class="lead">
        <code>{message.type}</code> <ShortId id={message.id} /> <RelativeTime at={message.created_at} now={now} />
      </p>
      <section>
        <h2>Deliveries</h2>
        {deliveries.length === 0 ? (
          <NoDeliveries message={message} next={next} />
        ) : (
          <DeliveryTable deliveries={deliveries} now={now} show="endpoint" />
        )}
        <NextPage href={next && `/admin/messages/${message.id}?after=${next}`} />
      </section>
      <Payload message={message} />
    </Dashboard>
  )
}

function NoDeliveries({ message, next }: Pick<MessageProps, 'message' | 'next'>) {
  if (message.dispatched_at === null) return <Empty>Not sent yet. Reload the page in a moment.</Empty>
  if (next !== null) return <Empty>No deliveries on this page. There may be some on the next page.</Empty>
  return (
    <Empty>
      No endpoint was subscribed to <code>{message.type}</code> when this message was published.
    </Empty>
  )
}

export function Payload({ message: { payload, erased_at } }: { message: MessageDetail }) {
  if (erased_at !== null)
    return (
      <p class="notice">The payload was erased, because the entry or inbound message that it reports was deleted.</p>
    )
  return (
    <section>
      <div class="heading">
        <h2>Payload</h2>
        <CopyButton text={payload} label="Copy the payload" />
      </div>
      <UserBlock text={indentJson(payload)} />
      <p class="hint">
        Formatted for readability. The payload is sent and signed as one line, with the same bytes every time.
      </p>
    </section>
  )
}
