import type { Bytes } from '../../../kit/lib/bytes'
import type { ForwardMethod } from '../../rules/delivering/connection-headers'
import { type ErrorClass, judgeFailure, judgeResponse, type Outcome } from '../../rules/delivering/outcome'
import { readResponse, toError } from './read-response'

/** One deadline for the connection, the headers and the body. Standard Webhooks recommends 15 to 30 seconds. */
export const DEADLINE_MS = 15_000

interface CallRequest {
  method: ForwardMethod | 'OPTIONS'
  headers: Record<string, string> | Headers
  body?: string | Bytes
}

/** The result of one HTTP request to a receiver. */
export interface Exchange {
  outcome: Outcome
  error_class: ErrorClass | null
  status_code: number | null
  retry_after_ms: number | null
  /** The first bytes of the response body as text, or the target of a redirect; null if there is nothing to show. */
  response_excerpt: string | null
}

/**
 * The only call of receivers: one deadline, no redirects, a part of the response. A failure is an outcome, not thrown.
 * @param url just allowed by the URL policy @param now a date in Retry-After counts from then, so no retry is early
 */
export async function call(url: string, request: CallRequest, now: number, deadlineMs = DEADLINE_MS) {
  const signal = AbortSignal.timeout(deadlineMs)
  try {
    const response = await fetch(url, { ...request, redirect: 'manual', signal })
    return { ...(await judge(response, now, signal)), response_headers: response.headers }
  } catch (cause) {
    const verdict = judgeFailure(toError(cause))
    return { ...verdict, status_code: null, response_excerpt: null, response_headers: null }
  }
}

/** Reads the beginning of the body. @param now when the request was sent @param signal the deadline of the exchange */
export async function judge(response: Response, now: number, signal: AbortSignal): Promise<Exchange> {
  const { status: status_code, headers } = response
  const verdict = judgeResponse(status_code, headers.get('Retry-After'), now)
  const { response_excerpt, failure } = await readResponse(response, signal)
  // An error status is conclusive. A success whose response was cut off may not have been a success.
  if (failure && verdict.outcome === 'delivered') return { ...judgeFailure(failure), status_code, response_excerpt }
  // Cloudflare's own error page does not come from the receiver, so it is not shown as the receiver's response.
  const isPlatformPage = verdict.error_class === 'origin_unreachable'
  return { ...verdict, status_code, response_excerpt: isPlatformPage ? null : response_excerpt }
}
