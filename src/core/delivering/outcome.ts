import { parseRetryAfterMs } from './retry-schedule'

/** What came of one attempt. Only a 2xx is success. */
export type Outcome = 'delivered' | 'refused' | 'timed_out' | 'unreachable' | 'blocked'

/** What kind of failure it was, in words that a developer would search for; null for success. */
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
  | `url_${string}`

export interface Answer {
  status: number
  retryAfter: string | null
}

export interface Verdict {
  outcome: Outcome
  error_class: ErrorClass | null
  /** The receiver asked for this much patience (429, 503); null when it did not. */
  retry_after_ms: number | null
}

/**
 * @param answer the status line and hint of a response whose headers arrived
 * @param now epoch milliseconds, for a Retry-After date
 */
export function judgeAnswer(answer: Answer, now: number): Verdict {
  const { status } = answer
  if (status >= 200 && status < 300) {
    return { outcome: 'delivered', error_class: null, retry_after_ms: null }
  }
  if (isPlatformError(status)) {
    return { outcome: 'unreachable', error_class: 'origin_unreachable', retry_after_ms: null }
  }
  const retryAfterMs = parseRetryAfterMs(answer.retryAfter, now)
  return { outcome: 'refused', error_class: refusalClass(status), retry_after_ms: retryAfterMs }
}

/**
 * Cloudflare answers 520 to 530 itself when it cannot reach or trust the origin; that page is not the receiver's.
 * https://developers.cloudflare.com/support/troubleshooting/http-status-codes/cloudflare-5xx-errors/
 */
export function isPlatformError(status: number): boolean {
  return status >= 520 && status <= 530
}

/**
 * The runtime tells a closed port, a reset and a lost line apart from nothing else; DNS and TLS failures are one opaque error.
 * @param failure name and message of what `fetch` or the body reader threw
 */
export function judgeFailure(failure: { name: string; message: string }): Verdict {
  if (failure.name === 'TimeoutError' || failure.name === 'AbortError') {
    return { outcome: 'timed_out', error_class: 'deadline', retry_after_ms: null }
  }
  const opaque = /internal error|dns|certificate|tls|ssl/i.test(failure.message)
  const errorClass = opaque ? 'dns_or_tls' : 'connection_lost'
  return { outcome: 'unreachable', error_class: errorClass, retry_after_ms: null }
}

function refusalClass(status: number): ErrorClass {
  if (status >= 300 && status < 400) return 'redirect'
  if (status === 410) return 'gone'
  if (status === 429) return 'rate_limited'
  if (status >= 400 && status < 500) return 'http_4xx'
  return status >= 500 && status < 600 ? 'http_5xx' : 'http_unexpected'
}
