import type { Trigger } from '../../core/delivering/delivery-state'
import type { ErrorClass, Outcome } from '../../core/delivering/outcome'
import { checkEndpointUrl } from '../../core/delivering/url-policy'
import { urlPolicy } from '../../endpoints/url'
import { logFault } from '../../log'
import { call, type Exchange } from '../http/call'
import { type SignedEndpoint, writeRequest } from '../http/signed-request'

export interface AttemptRequest {
  endpoint: SignedEndpoint & { url: string }
  message: { id: string; payload: string }
  trigger: Trigger
}

/** The result of one attempt; times in epoch milliseconds. */
export interface AttemptResult extends Exchange {
  trigger: Trigger
  started_at: number
  duration_ms: number
}

/**
 * Step 3, attempt: one signed POST, and what came of it. Never throws: a fault of ours is an
 * outcome too (`sender_fault`), so that it shows in the log and is retried by the schedule.
 */
export async function attemptDelivery(env: Env, request: AttemptRequest): Promise<AttemptResult> {
  const startedAt = Date.now()
  const exchange = await tryExchange(env, request, startedAt)
  return {
    trigger: request.trigger,
    started_at: startedAt,
    duration_ms: Date.now() - startedAt,
    ...exchange,
  }
}

async function tryExchange(env: Env, request: AttemptRequest, now: number): Promise<Exchange> {
  try {
    const allowed = checkEndpointUrl(request.endpoint.url, urlPolicy(env))
    if (!allowed.ok) return failed('blocked', `url_${allowed.error.reason}`, allowed.error.detail)
    const written = await writeRequest(env, request.endpoint, request.message, now)
    const headers = { ...written.own, ...written.headers }
    const called = await call(allowed.value, { method: 'POST', headers, body: written.body })
    const { answer, ...exchange } = called
    return exchange
  } catch (cause) {
    logFault('delivery.sender_fault', cause, { endpoint_id: request.endpoint.id })
    return failed('unreachable', 'sender_fault', 'The request could not be prepared here.')
  }
}

function failed(outcome: Outcome, errorClass: ErrorClass, excerpt: string): Exchange {
  return { outcome, error_class: errorClass, status_code: null, retry_after_ms: null, excerpt }
}
