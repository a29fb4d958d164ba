/** Reasons and error classes in plain words, for people who look at a delivery. */
export const REASONS: Record<string, string> = {
  retrying: 'The last attempt failed; the next one is made by itself.',
  throttled:
    'The receiver asked to be left alone for a while (Retry-After, or 429). Then this goes by itself.',
  endpoint_disabled: 'Waits until the endpoint is enabled.',
  breaker_open:
    'Waits behind the breaker: the endpoint failed too often in a row. When a probe is answered, this goes by itself, and has used up no attempt.',
  endpoint_draining: 'Its turn comes: what waited for this endpoint goes oldest first.',
  endpoint_deleted: 'The endpoint was deleted.',
  gone: 'The receiver answered 410 Gone, so the endpoint was disabled.',
  blocked: 'The URL policy refuses to call this address.',
  schedule_spent: 'All attempts of the schedule failed. Mend the receiver, then retry by hand.',
  test_failed: 'A test is sent once and not retried.',
}

export const ERROR_CLASSES: Record<string, string> = {
  redirect: 'It answered with a redirect, which is never followed. Register the final URL.',
  gone: 'It answered 410: it does not want to be called any more.',
  rate_limited: 'It answered 429: too many requests for it.',
  http_4xx: 'It refused the request. Check the path, and that it accepts this signature.',
  http_5xx: 'It failed on its side. Its own log says why.',
  http_unexpected: 'It answered with a status that is no answer to a POST.',
  deadline: 'It did not finish within 15 seconds. Answer first, work later.',
  connection_lost: 'The connection was refused or broke off. Is the receiver running?',
  dns_or_tls: 'The name did not resolve, or the TLS certificate was not accepted.',
  origin_unreachable: 'The network could not reach the receiver behind its name.',
  sender_fault: 'A fault on this side; the log has it. It is tried again.',
}

export function explainErrorClass(errorClass: string | null): string | null {
  if (errorClass === null) return null
  if (errorClass.startsWith('url_')) return 'The URL policy refuses this address.'
  return ERROR_CLASSES[errorClass] ?? null
}
