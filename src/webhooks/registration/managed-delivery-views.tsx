import { Empty, ShortId } from '../../kit/html/dashboard'
import { explainReason } from '../send/http/explain-failure'
import type { SentRequest } from '../send/http/sent-request'
import { DeliveryStatus } from '../send/messages/delivery-table'
import { AttemptView, Curl, RequestSection } from '../send/messages/delivery-views'
import { type AttemptRow, type DeliveryRow, isSending, type MessageDetail } from '../send/messages/queries'
import { Payload } from '../send/messages/views'
import { IntegratorPage } from './views'

interface DeliveryProps {
  path: string
  delivery: DeliveryRow
  attempts: AttemptRow[]
  message: MessageDetail
  request: SentRequest | null
  curl: string | null
  mayRetry: boolean
  notice?: string | undefined
  error?: string | undefined
  now: number
}

export function ManagedDeliveryPage(props: DeliveryProps) {
  const { path, delivery, attempts, message, request, curl, mayRetry, now } = props
  return (
    <IntegratorPage title="Delivery" notice={props.notice} error={props.error}>
      <p class="lead">
        <DeliveryStatus delivery={delivery} /> <code>{delivery.event_type}</code> <ShortId id={delivery.message_id} />{' '}
        to <a href={path}>your endpoint</a>
      </p>
      {delivery.reason && <p class="notice">{explainReason(delivery.reason)}</p>}
      {mayRetry && message.erased_at === null && !isSending(delivery) && (
        <form method="post" action={`${path}/messages/${delivery.message_id}/retry`}>
          <button type="submit">{delivery.status === 'delivered' ? 'Send again' : 'Retry now'}</button>
        </form>
      )}
      <section>
        <h2>Attempts</h2>
        {attempts.length === 0 && <Empty>No attempts yet.</Empty>}
        {attempts.map((attempt) => (
          <AttemptView attempt={attempt} now={now} />
        ))}
      </section>
      {request && <RequestSection request={request} />}
      <Payload message={message} />
      {curl && <Curl curl={curl} />}
    </IntegratorPage>
  )
}
