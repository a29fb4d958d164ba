import type { Clock } from '../../../kit/lib/time'
import { logFault } from '../../../log'
import { urlPolicy } from '../../endpoints/url'
import { receiverSource } from '../../rules/delivering/built-in-receiver'
import type { Trigger } from '../../rules/delivering/delivery-state'
import type { ErrorClass, Outcome } from '../../rules/delivering/outcome'
import { isPaced, type PaceColumns } from '../../rules/delivering/pace'
import { checkEndpointUrl } from '../../rules/delivering/url-policy'
import { checkTarget, type Format, formatOf } from '../../rules/events/formats'
import { callBuiltIn } from '../http/built-in-receiver'
import { call, type Exchange, headerExcerpt } from '../http/call'
import { sendEmail } from '../http/send-email'
import { type SentMessage, type SignedEndpoint, type WrittenRequest, writeRequest } from '../http/signed-request'
import { withDigest } from './calls'

type AttemptRequest = {
  endpoint: SignedEndpoint & { url: string } & Pick<PaceColumns, 'min_interval_minutes'>
  message: SentMessage
  trigger: Trigger
}

/** The result of one attempt. */
export interface AttemptResult extends LoggedExchange {
  trigger: Trigger
  /** Epoch milliseconds. */
  started_at: number
  duration_ms: number
  /** Whether the request reports what the delivery covers, too: see calls.ts. */
  is_call: boolean
}

/** Step 3, attempt. Never throws: our own error is an outcome (`sender_fault`), which is logged and retried. */
export async function attemptDelivery(env: Env, request: AttemptRequest, clock: Clock): Promise<AttemptResult> {
  const started_at = clock()
  const exchange = await tryExchange(env, request, started_at)
  const is_call = isPaced(request.endpoint) && request.trigger !== 'test'
  return { trigger: request.trigger, started_at, duration_ms: clock() - started_at, is_call, ...exchange }
}

interface LoggedExchange extends Exchange {
  /** A JSON list of pairs; null if there was no response. */
  response_headers: string | null
}

async function tryExchange(env: Env, request: AttemptRequest, now: number): Promise<LoggedExchange> {
  try {
    const { url, format } = request.endpoint
    const fault = findFault(env, url, format)
    if (fault) return failed('blocked', `url_${fault.reason}`, fault.detail)
    const message = await withDigest(env, request.endpoint, request.message, request.trigger)
    const written = await writeRequest(env, request.endpoint, message, now)
    const made = await exchangeWith(env, url, format, written, now)
    return isSeveral(message) ? { ...made, response_excerpt: null, response_headers: null } : made
  } catch (cause) {
    logFault('delivery.sender_fault', cause, { endpoint_id: request.endpoint.id })
    return failed('unreachable', 'sender_fault', 'We could not prepare the request.')
  }
}

/** The response to a digest may repeat events of other messages, and would outlive them. So it is not kept. */
const isSeveral = ({ digest }: SentMessage): boolean => digest !== undefined && digest.events.length > 1

async function exchangeWith(env: Env, url: string, format: Format, written: WrittenRequest, now: number) {
  if (formatOf(format).isEmail) return { ...(await sendEmail(env, url, written.body)), response_headers: null }
  const { method, body } = written
  const headers = { ...written.customHeaders, ...written.headers }
  const source_id = receiverSource(url)
  const { response_headers, ...exchange } =
    source_id === null
      ? await call(written.url, { method, headers, body }, now)
      : await callBuiltIn(env, { source_id, headers, body }, now)
  return { ...exchange, response_headers: response_headers && headerExcerpt(response_headers) }
}

/** Checks the URL again: the rules may have become stricter. E-mails and the built-in receiver are no requests. */
function findFault(env: Env, url: string, format: Format): { reason: string; detail: string } | null {
  const detail = checkTarget(format, url)
  if (!formatOf(format).isEmail && receiverSource(url) === null) {
    const allowed = checkEndpointUrl(url, urlPolicy(env))
    if (!allowed.ok) return allowed.error
  }
  return detail === null ? null : { reason: 'format', detail }
}

function failed(outcome: Outcome, error_class: ErrorClass, response_excerpt: string): LoggedExchange {
  return { outcome, error_class, status_code: null, retry_after_ms: null, response_excerpt, response_headers: null }
}
