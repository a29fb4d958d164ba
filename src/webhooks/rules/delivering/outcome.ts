import { parseRetryAfterMs } from './retry-schedule'

/** How long a newly registered URL may take to answer its challenge. Short, because a person is waiting. */
export const CHALLENGE_MS = 10_000

/** The result of one attempt. Only a 2xx response is a success. A blocked attempt made no request. */
export const OUTCOMES = ['delivered', 'refused', 'timed_out', 'unreachable', 'blocked'] as const
export type Outcome = (typeof OUTCOMES)[number]

/** The kind of failure, under a name that a developer would search for. */
export type ErrorClass =
  | 'redirect'
  | 'gone'
  | 'rate_limited'
  | 'http_4xx'
  | 'http_5xx'
  | 'http_unexpected'
  | 'deadline'
  | 'connection_lost'
  | 'dns_or_tls'
  | 'origin_unreachable'
  | 'sender_fault'
  | 'no_email'
  | 'email_refused'
  | 'receiver_refused'
  | `url_${string}`

export interface Verdict {
  outcome: Outcome
  error_class: ErrorClass | null
  /** The receiver's Retry-After in milliseconds (429, 503), or null. */
  retry_after_ms: number | null
}

/** Judges a response by its status. @param now epoch milliseconds, for a Retry-After that is a date */
export function judgeResponse(status: number, retryAfter: string | null, now: number): Verdict {
  if (status >= 200 && status < 300) return { outcome: 'delivered', error_class: null, retry_after_ms: null }
  if (isPlatformError(status))
    return { outcome: 'unreachable', error_class: 'origin_unreachable', retry_after_ms: null }
  return { outcome: 'refused', error_class: refusalClass(status), retry_after_ms: parseRetryAfterMs(retryAfter, now) }
}

/**
 * Whether Cloudflare itself sent the response, because it could not reach or trust the origin: statuses 520 to 530.
 * https://developers.cloudflare.com/support/troubleshooting/http-status-codes/cloudflare-5xx-errors/
 */
export const isPlatformError = (status: number): boolean => status >= 520 && status <= 530

/** A closed port, a reset and a lost connection look the same to us; DNS and TLS failures are one opaque error. */
export function judgeFailure(failure: { name: string; message: string }): Verdict {
  if (failure.name === 'TimeoutError' || failure.name === 'AbortError')
    return { outcome: 'timed_out', error_class: 'deadline', retry_after_ms: null }
  const isOpaque = /internal error|dns|certificate|tls|ssl/i.test(failure.message)
  return { outcome: 'unreachable', error_class: isOpaque ? 'dns_or_tls' : 'connection_lost', retry_after_ms: null }
}

function refusalClass(status: number): ErrorClass {
  if (status >= 300 && status < 400) return 'redirect'
  if (status === 410) return 'gone'
  if (status === 429) return 'rate_limited'
  if (status >= 400 && status < 500) return 'http_4xx'
  return status >= 500 && status < 600 ? 'http_5xx' : 'http_unexpected'
}
