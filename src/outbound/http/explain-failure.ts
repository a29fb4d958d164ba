import type { ErrorClass } from '../../core/delivering/outcome'

/** Reasons and failures in plain words, for people who look at a delivery: what happened, and what to do next. */
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

/** By status, where it says more than its class. */
const STATUSES: Record<number, string> = {
  400: 'It refused the request as malformed (400). Does it expect another format? See "Format" of the endpoint.',
  401: 'It wants to be shown who asks (401). Check that it verifies with the secret of this endpoint, or add the header that it asks for.',
  403: 'It does not let this request in (403). A firewall in front of it, or a signature that did not match: see "Why does a signature not match?".',
  404: 'There is nothing at this path (404). Check the URL for a typing error, and that the receiver is deployed there.',
  405: 'It takes no POST at this path (405). Check the URL, and the slash at its end.',
  408: 'It gave up waiting for the request (408). It may be overloaded.',
  409: 'It says that this conflicts with what it has (409). If it had this message already, it should answer 2xx.',
  413: 'The request is too large for it (413). Raise its limit, or that of the proxy in front of it.',
  415: 'It does not take this content type (415). Make it accept application/json, or choose another format.',
  422: 'It understood the request and refused it (422). Its answer should say why.',
  429: 'Too many requests for it (429). It is left alone for as long as it asked; this used up no attempt. If it happens often, lower its pace.',
  500: 'It broke while it worked (500). Its own log says why.',
  502: 'The proxy in front of it got no answer from it (502). Is the receiver running? It is called at a slower pace for a while.',
  503: 'It is not available just now (503). If it said for how long, it is left alone that long.',
  504: 'The proxy in front of it got no answer in time (504). Answer first, work later. It is called at a slower pace for a while.',
  521: 'Its server refused the connection (521). Is it running, and does its firewall let Cloudflare in?',
  522: 'Its server did not answer the connection in time (522). Is it running, and does its firewall let Cloudflare in?',
  523: 'Its server cannot be reached (523). Check the address in its DNS.',
  524: 'Its server took too long to answer (524). Answer first, work later.',
  525: 'No TLS connection came about (525). Check the certificate of its server, and the versions of TLS that it takes.',
  526: 'The TLS certificate of its server is not valid (526). Renew it; a self-signed one is not enough.',
  530: 'Its name leads nowhere (530). Check that the host name exists in DNS.',
}

const CLASSES: Record<Exclude<ErrorClass, `url_${string}`>, string> = {
  redirect:
    'It answered with a redirect, which is never followed: the signed request is for this URL alone. Register the URL that it points to.',
  gone: 'It answered 410 Gone: it does not want to be called any more, so the endpoint was disabled. Enable it when it is back.',
  rate_limited: STATUSES[429] as string,
  http_4xx:
    'It refused the request. Check the URL, and that it verifies with the secret of this endpoint.',
  http_5xx: 'It failed on its side. Its own log says why.',
  http_unexpected: 'It answered with a status that is no answer to a POST. Answer with 2xx.',
  deadline:
    'No answer came within 15 seconds. Answer 2xx as soon as the message is stored, and work afterwards.',
  connection_lost:
    'The connection was refused, or broke off before the answer was complete. Is the receiver running, and is the port right?',
  dns_or_tls:
    'No connection came about: the name does not resolve, or the TLS certificate is not accepted. Check both from outside, for example with curl -v.',
  origin_unreachable: 'The network could not reach the receiver behind its name.',
  sender_fault:
    'A fault on this side: the log has it. It is tried again by itself. If SECRETS_KEY was changed, set SECRETS_KEY_PREVIOUS.',
}

/** What a status that had come already adds to an answer that broke off. */
const DURING: Partial<Record<ErrorClass, string>> = {
  deadline:
    'The status came, but the rest of the answer did not within 15 seconds. Send a short answer and end it.',
  connection_lost:
    'The status came, then the connection broke off. Is Content-Length right, and does the receiver end its answer?',
}

interface Failure {
  error_class: string | null
  status_code: number | null
  response_excerpt: string | null
}

/** @returns what happened and what to do next; null for an attempt that succeeded */
export function explainFailure({ error_class, status_code, response_excerpt }: Failure) {
  if (error_class === null) return null
  if (error_class.startsWith('url_')) return `The URL policy refuses it. ${response_excerpt ?? ''}`
  const errorClass = error_class as keyof typeof CLASSES
  if (errorClass === 'redirect') return withLocation(response_excerpt)
  if (status_code === null) return CLASSES[errorClass] ?? null
  return DURING[errorClass] ?? STATUSES[status_code] ?? CLASSES[errorClass] ?? null
}

/** The answer's excerpt is where a redirect points: see call.ts. */
function withLocation(excerpt: string | null): string {
  const location = /^Location: (.+)$/s.exec(excerpt ?? '')?.[1]
  return location ? `${CLASSES.redirect} It points to ${location}` : CLASSES.redirect
}
