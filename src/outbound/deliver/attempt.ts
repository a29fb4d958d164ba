import type { Trigger } from '../../core/delivering/delivery-state'
import type { ErrorClass, Outcome } from '../../core/delivering/outcome'
import { checkEndpointUrl } from '../../core/delivering/url-policy'
import { urlPolicy } from '../../endpoints/url'
import { logFault } from '../../log'
import { call, type Exchange } from '../http/call'
import { headerExcerpt } from '../http/read-response'
import { type SentMessage, type SignedEndpoint, writeRequest } from '../http/signed-request'

interface AttemptRequest {
  endpoint: SignedEndpoint & { url: string }
  message: SentMessage
  trigger: Trigger
}

/** The result of one attempt. */
export interface AttemptResult extends Attempted {
  trigger: Trigger
  /** Epoch milliseconds. */
  started_at: number
  duration_ms: number
}

/**
 * Step 3, attempt: sends one signed POST. Never throws: an internal error is an outcome too (`sender_fault`), so the
 * log shows it and the schedule retries the delivery.
 */
export async function attemptDelivery(env: Env, request: AttemptRequest): Promise<AttemptResult> {
  const started_at = Date.now()
  const exchange = await tryExchange(env, request, started_at)
  return { trigger: request.trigger, started_at, duration_ms: Date.now() - started_at, ...exchange }
}

interface Attempted extends Exchange {
  /** A JSON list of pairs; null if there was no response. */
  response_headers: string | null
}

async function tryExchange(env: Env, request: AttemptRequest, now: number): Promise<Attempted> {
  try {
    const allowed = checkEndpointUrl(request.endpoint.url, urlPolicy(env))
    if (!allowed.ok) return failed('blocked', `url_${allowed.error.reason}`, allowed.error.detail)
    const written = await writeRequest(env, request.endpoint, request.message, now)
    const headers = { ...written.customHeaders, ...written.headers }
    const { response_headers, ...exchange } = await call(allowed.value, { method: 'POST', headers, body: written.body })
    return { ...exchange, response_headers: response_headers && headerExcerpt(response_headers) }
  } catch (cause) {
    logFault('delivery.sender_fault', cause, { endpoint_id: request.endpoint.id })
    return failed('unreachable', 'sender_fault', 'We could not prepare the request.')
  }
}

function failed(outcome: Outcome, error_class: ErrorClass, response_excerpt: string): Attempted {
  return { outcome, error_class, status_code: null, retry_after_ms: null, response_excerpt, response_headers: null }
}
