import { type Child, useContext } from '#jsx'
import { Address, rowsOf } from '../../../kit/html/contexts/address'
import { CopyButton, Dashboard, Empty, ShortId, Status, statusWord } from '../../../kit/html/dashboard'
import { Neighbors as NeighborLinks } from '../../../kit/html/list'
import { Pairs } from '../../../kit/html/pairs'
import { Section } from '../../../kit/html/parts/card'
import { ButtonForm } from '../../../kit/html/parts/form'
import { PreciseTime, RelativeTime } from '../../../kit/html/time'
import { UserBlock } from '../../../kit/html/user-text'
import { utf8 } from '../../../kit/lib/bytes'
import { DASHBOARD } from '../../../kit/lib/paths'
import { MINUTE_MS } from '../../../kit/lib/time'
import { EndpointUrl } from '../../endpoints/built-in-views'
import type { Explanations } from '../../explanations'
import { endpointName } from '../../rules/delivering/built-in-receiver'
import { formatOf } from '../../rules/events/formats'
import { explainDeliveryReason, explainFailure, type Reader } from '../http/explain-failure'
import type { SentRequest } from '../http/sent-request'
import { DeliveryStatusMark, mayRetry, NextAttempt, reasonOf, seen, shownState } from './delivery-table'
import type { ListedAttempt, MessageDetail, NeighborMessages, ShownDelivery } from './queries'
import { Payload } from './views'

export interface DetailProps {
  delivery: ShownDelivery
  attempts: ListedAttempt[]
  message: MessageDetail
  explanations: Explanations
  curl: string | null
  /** The request of the last attempt. */
  request: SentRequest | null
  now: number
}

interface DeliveryProps extends DetailProps {
  neighbors: NeighborMessages
  /** What the event says in a few words. */
  eventTitle?: string | undefined
  notice?: Child
}

/** The page of the owner. */
export function DeliveryPage(props: DeliveryProps) {
  const { delivery, neighbors, notice, now, eventTitle = delivery.event_type } = props
  const { endpoint_id, message_id, event_type } = delivery
  const pathTo = (id: string | null) => id && `${DASHBOARD.messages}/${id}/deliveries/${endpoint_id}`
  const crumbs = [{ href: `${DASHBOARD.messages}/${message_id}`, label: eventTitle }]
  const title = `${event_type} to ${receiverOf(delivery)}`
  return (
    <Dashboard
      title={title}
      pageTitle={`${title} · ${statusWord(shownState(delivery))}`}
      section={DASHBOARD.messages}
      {...{ crumbs, notice }}
    >
      <p class="lead">
        <DeliveryStatusMark delivery={delivery} />{' '}
        {delivery.endpoint_url === null ? (
          'The endpoint was deleted.'
        ) : (
          <a class="url" href={`${DASHBOARD.endpoints}/${delivery.endpoint_id}`}>
            <EndpointUrl url={delivery.endpoint_url} />
          </a>
        )}
      </p>
      <p>
        Message <ShortId id={message_id} href={`${DASHBOARD.messages}/${message_id}`} />
      </p>
      <DeliveryDetails {...props} isOwner retryAt={mayRetry(delivery, now) ? `${pathTo(message_id)}/retry` : null} />
      <NeighborLinks newer={pathTo(neighbors.newer)} older={pathTo(neighbors.older)} />
    </Dashboard>
  )
}

/**
 * @param props.retryAt where the form for a retry is sent; null if the viewer may not retry the delivery now
 * @param props.check where an integrator can check the signature
 */
export function DeliveryDetails(props: DetailProps & Omit<Explained, 'format'> & { retryAt: string | null }) {
  const { delivery, attempts, message, request, curl, explanations, retryAt, now, check, isOwner } = props
  const format = delivery.endpoint_format
  const address = useContext(Address)
  return (
    <div data-live={isLive(delivery, now) ? rowsOf(address) : undefined} data-page={address}>
      {delivery.status === 'pending' && (
        <p>
          Next attempt: <NextAttempt delivery={delivery} now={now} />
        </p>
      )}
      {delivery.reason && <p class="notice">{explainDeliveryReason(explanations, reasonOf(delivery) ?? '')}</p>}
      {((message.erased_at === null && message.audience === null) || delivery.status === 'pending') && (
        <RetryForm delivery={delivery} retryAt={retryAt} />
      )}
      <Section title="Attempts">
        {attempts.length === 0 && <Empty>{noAttempts(delivery)}</Empty>}
        {attempts.map((attempt) => (
          <AttemptView {...{ attempt, explanations, now, check, isOwner, format }} />
        ))}
      </Section>
      {request && <RequestSection request={request} />}
      <Payload message={message} />
      {curl && <Curl curl={curl} />}
    </div>
  )
}

/** For how long a delivery that is settled may still be what somebody waits for. */
const WATCHED_MS = 5 * MINUTE_MS

export const isLive = ({ status, settled_at }: ShownDelivery, now: number): boolean =>
  status === 'pending' || now - (settled_at ?? 0) < WATCHED_MS

/** @returns for example "Search index", or "example.com/hooks": several endpoints can have the same host */
function receiverOf({ endpoint_url: url, endpoint_description: description }: ShownDelivery): string {
  return url === null ? 'a deleted endpoint' : endpointName({ url, description })
}

/** The endpoint's own headers first, as they were sent. */
function RequestSection({ request }: { request: SentRequest }) {
  return (
    <Section title="Request of the last attempt">
      {!request.is_exact && (
        <p class="notice">
          The endpoint was changed after this attempt, or the signing keys were rotated, so the request that was sent
          may have been different. The request below uses the current settings and keys.
        </p>
      )}
      <details>
        <summary>
          {request.method} with {request.headers.length} headers and {utf8(request.body).length} bytes
        </summary>
        <Pairs title="Headers" pairs={request.headers} />
        <h3>Body, byte for byte</h3>
        <UserBlock text={request.body} />
      </details>
    </Section>
  )
}

function noAttempts({ status, next_attempt_at }: ShownDelivery): Child {
  if (status !== 'pending') return 'No attempts have been made.'
  if (next_attempt_at === null) return 'No attempts yet. This delivery waits.'
  return 'No attempts yet. The first one is under way. Reload the page in a moment.'
}

/** A retry is the primary action, unless the message has already been delivered. */
function RetryForm({ delivery, retryAt }: { delivery: ShownDelivery; retryAt: string | null }) {
  if (delivery.endpoint_url === null)
    return <p class="notice">The endpoint and its secret have been deleted, so this message cannot be sent again.</p>
  if (retryAt === null) return null
  const look =
    delivery.status === 'delivered' ? { label: 'Send again' } : { label: 'Retry now', kind: 'primary' as const }
  return <ButtonForm action={retryAt} hidden={seen(delivery)} {...look} />
}

function Curl({ curl }: { curl: string }) {
  return (
    <Section title="curl command" act={<CopyButton text={curl} label="Copy the command" />}>
      <UserBlock text={curl} />
      <p class="hint">
        This request was signed just now. Receivers reject timestamps older than five minutes: reload the page for a new
        signature.
      </p>
    </Section>
  )
}

const TRIGGERS = { auto: 'automatic', manual: 'manual', test: 'test' }

/** An attempt, and the texts that explain it. */
export type ShownAttempt = { attempt: ListedAttempt; explanations: Explanations }

interface Why extends Pick<ShownAttempt, 'explanations'> {
  attempt: Pick<ListedAttempt, 'error_class' | 'status_code' | 'response_excerpt'>
}

interface Explained extends Reader {
  /** Where an integrator can check the signature. */
  check?: string | undefined
}

/** Receivers respond with these to a signature that does not match. */
const SIGNATURE_STATUSES = [400, 401, 403]

/** Why an attempt failed, and what to do. */
export function WhyFailed({ attempt, explanations, ...reader }: Explained & Why) {
  const why = explainFailure(explanations, attempt, reader)
  const mayBeSignature = !formatOf(reader.format).service && SIGNATURE_STATUSES.includes(attempt.status_code ?? 0)
  return why === null ? null : (
    <p>
      {why} {mayBeSignature && <a href={reader.isOwner ? DASHBOARD.signature : reader.check}>Check the signature</a>}
    </p>
  )
}

export function AttemptView({ now, ...props }: Explained & ShownAttempt & { now?: number }) {
  const { attempt } = props
  return (
    <article class="attempt">
      <p>
        <b>#{attempt.number}</b> <Status value={attempt.outcome} />{' '}
        {attempt.status_code !== null && <code>{attempt.status_code}</code>} in {attempt.duration_ms} ms
        {now !== undefined && (
          <>
            {' '}
            · <RelativeTime at={attempt.started_at} now={now} /> (
            <PreciseTime at={attempt.started_at} />)
          </>
        )}{' '}
        · {TRIGGERS[attempt.trigger]}
        {attempt.error_class && !explainFailure(props.explanations, attempt, props) && (
          <>
            {' '}
            · <code>{attempt.error_class}</code>
          </>
        )}
      </p>
      <WhyFailed {...props} />
      {attempt.response_excerpt && <UserBlock text={attempt.response_excerpt} />}
      <ResponseHeaders attempt={attempt} />
    </article>
  )
}

function ResponseHeaders({ attempt }: { attempt: ListedAttempt }) {
  const pairs: [string, string][] = JSON.parse(attempt.response_headers ?? '[]')
  if (pairs.length === 0) return null
  return (
    <details>
      <summary>
        {pairs.length} response {pairs.length === 1 ? 'header' : 'headers'}
      </summary>
      <Pairs title="Response headers" pairs={pairs} />
    </details>
  )
}
