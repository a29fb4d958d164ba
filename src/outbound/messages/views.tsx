import { indentJson } from '../../core/lib/pretty-body'
import { CopyButton, Dashboard, Empty, NextPage, ShortId, Status } from '../../ui/dashboard'
import { RelativeTime } from '../../ui/time'
import type { DeliveryRow, MessageRow } from './queries'

export const SECTION = '/admin/messages' as const

export function MessageTable({ messages, now }: { messages: MessageRow[]; now: number }) {
  if (messages.length === 0) {
    return (
      <Empty>
        Nothing has happened yet. <a href="/#sign">Sign the guestbook</a>, and the message appears
        here.
      </Empty>
    )
  }
  return (
    <table>
      <thead>
        <tr>
          <th>Message</th>
          <th>Event type</th>
          <th>Happened</th>
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
            <td data-label="Happened">
              <RelativeTime at={message.created_at} now={now} />
            </td>
            <td data-label="Dispatched">
              {message.dispatched_at === null ? (
                'not yet'
              ) : (
                <span class="small">
                  after {Math.max(message.dispatched_at - message.created_at, 0)} ms
                </span>
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
  /** The side that the page is not about already. */
  show: 'message' | 'endpoint'
  /** Where a delivery's own page is; the owner's, unless it is said. */
  pathOf?: (delivery: DeliveryRow) => string
}

function ownersPath({ message_id, endpoint_id }: DeliveryRow): string {
  return `/admin/messages/${message_id}/deliveries/${endpoint_id}`
}

export function DeliveryTable(props: DeliveryTableProps) {
  const { deliveries, now, show, pathOf = ownersPath } = props
  if (deliveries.length === 0) return <Empty>None here.</Empty>
  return (
    <table>
      <thead>
        <tr>
          <th>Status</th>
          <th>{show === 'message' ? 'Message' : 'Endpoint'}</th>
          <th>Attempts</th>
          <th>Last answer</th>
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
          <a href={path}>{delivery.endpoint_url}</a>
        )}
      </td>
      <td data-label="Attempts">{delivery.attempt_count}</td>
      <td data-label="Last answer">{delivery.last_status_code ?? '–'}</td>
      <td data-label="Next attempt">
        <NextAttempt delivery={delivery} now={now} />
      </td>
    </tr>
  )
}

/** A parked delivery has no time of its own. */
const PARKED_UNTIL: Record<string, string> = {
  endpoint_disabled: 'when enabled',
  breaker_open: 'after a probe',
  throttled: 'when it may',
  endpoint_draining: 'in its turn',
}

/** The column of the schedule doubles as a lease; people are told what it means. */
export function NextAttempt({ delivery, now }: { delivery: DeliveryRow; now: number }) {
  const { status, next_attempt_at: at, attempt_count: made, reason } = delivery
  if (status !== 'pending') return <>–</>
  if (at === null) return <>{PARKED_UNTIL[reason ?? ''] ?? 'parked'}</>
  if (at <= now) return <>due now</>
  return made === 0 || reason === null ? <>being sent</> : <RelativeTime at={at} now={now} />
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
  message: MessageRow & { payload: string }
  deliveries: DeliveryRow[]
  next: string | null
  now: number
}

export function MessagePage({ message, deliveries, next, now }: MessageProps) {
  return (
    <Dashboard title="Message" section={SECTION}>
      <p class="lead">
        <code>{message.type}</code> <ShortId id={message.id} />{' '}
        <RelativeTime at={message.created_at} now={now} />
      </p>
      <section>
        <h2>Deliveries</h2>
        {deliveries.length === 0 && next === null && message.dispatched_at !== null ? (
          <Empty>
            No endpoint asked for <code>{message.type}</code> when this happened.
          </Empty>
        ) : (
          <DeliveryTable deliveries={deliveries} now={now} show="endpoint" />
        )}
        <NextPage href={next && `/admin/messages/${message.id}?after=${next}`} />
      </section>
      <Payload payload={message.payload} />
    </Dashboard>
  )
}

export function Payload({ payload }: { payload: string }) {
  return (
    <section>
      <div class="heading">
        <h2>Payload</h2>
        <CopyButton text={payload} label="Copy the exact payload" />
      </div>
      <pre>{indentJson(payload)}</pre>
      <p class="hint">
        Shown with line breaks; sent and signed as one line, byte for byte the same every time.
      </p>
    </section>
  )
}
