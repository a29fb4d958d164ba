import { ShortId, Status } from '../../../kit/html/dashboard'
import { LiveRows } from '../../../kit/html/list'
import { RelativeTime } from '../../../kit/html/time'
import { timeOfId } from '../../../kit/lib/ids'
import { EndpointUrl } from '../../endpoints/built-in/views'
import { type DeliveryRow, isSending } from './queries'

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

/** The rows of a table of deliveries. */
export function DeliveryRows({ deliveries, now, show, pathOf = ownersPath }: DeliveryTableProps) {
  return (
    <>
      {deliveries.map((delivery) => (
        <DeliveryLine delivery={delivery} now={now} show={show} path={pathOf(delivery)} />
      ))}
    </>
  )
}

export function DeliveryTable(props: DeliveryTableProps) {
  const { show } = props
  return (
    <table>
      <thead>
        <tr>
          <th>Status</th>
          <th>{show === 'message' ? 'Message' : 'Endpoint'}</th>
          <th>Published</th>
          <th>Attempts</th>
          <th>Last response</th>
          <th>Next attempt</th>
        </tr>
      </thead>
      <LiveRows>
        <DeliveryRows {...props} />
      </LiveRows>
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
        <DeliveryStatus delivery={delivery} />
        {delivery.reason && <div class="small">{delivery.reason.replaceAll('_', ' ')}</div>}
      </td>
      <td class="wide">
        {show === 'message' ? (
          <>
            <ShortId id={delivery.message_id} href={path} /> <code>{delivery.event_type}</code>
          </>
        ) : (
          <a href={path}>
            <EndpointUrl url={delivery.endpoint_url ?? 'deleted endpoint'} />
          </a>
        )}
      </td>
      <td data-label="Published">
        <RelativeTime at={timeOfId(delivery.message_id)} now={now} />
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

export function DeliveryStatus({ delivery }: { delivery: DeliveryRow }) {
  return <Status value={isSending(delivery) ? 'sending' : delivery.status} />
}

export function NextAttempt({ delivery, now }: { delivery: DeliveryRow; now: number }) {
  const { status, next_attempt_at, reason } = delivery
  if (status !== 'pending') return <>–</>
  if (isSending(delivery)) return <>now</>
  if (next_attempt_at === null) return <>{PARKED_UNTIL[reason ?? ''] ?? 'parked'}</>
  return next_attempt_at <= now ? <>due now</> : <RelativeTime at={next_attempt_at} now={now} />
}
