import { spanOf } from '../../../kit/lib/time'
import type { ErrorClass } from '../../rules/delivering/outcome'
import type { attempts } from '../../tables/outgoing'
import { DEADLINE_MS } from './call'

/*
 * Explains reasons and failures to people looking at a delivery: what happened, and what to do next.
 */

/** Explanations for each `reason` of a delivery. */
const REASONS: Record<string, string> = {
  retrying: 'The last attempt failed. The next one will be made automatically.',
  throttled:
    'The receiver asked for a pause (429, or a Retry-After header). The delivery will continue automatically after the pause.',
  endpoint_disabled: 'Parked until the endpoint is enabled.',
  breaker_open:
    'Parked because the endpoint failed too many times in a row. The delivery will continue automatically when the endpoint recovers. Waiting does not use up attempts.',
  endpoint_draining: 'Queued. Parked deliveries are being sent, oldest first.',
  paced:
    'Waiting for the next call or digest. It covers all events until then. It may also wait because the last one failed.',
  coalesced: 'Covered by another call to this build hook, or reported in a digest, so nothing was sent for it alone.',
  replay_canceled: 'The replay that had queued this message was canceled. Press Send again to send it after all.',
  endpoint_deleted: 'The endpoint was deleted.',
  erased: 'The entry or inbound message that this event reports was deleted, so the event is no longer sent.',
  gone: 'The receiver returned 410 Gone. When a delivery gets this response, the endpoint is disabled.',
  blocked: 'The URL policy does not allow this address.',
  schedule_spent: 'Every scheduled attempt has failed. Fix the receiver, then retry the delivery.',
  test_failed: 'The test failed. Tests are not retried.',
}

/** @returns what the `reason` of a delivery means and what to do next, or null if there is no reason */
export function explainReason(reason: string | null): string | null {
  return reason === null ? null : (REASONS[reason] ?? reason)
}

/** Explanations for status codes that are more specific than their error class. */
const STATUSES: Record<number, string> = {
  400: 'The receiver found the request malformed (400). If it expects a different format, change the format of the endpoint.',
  401: "The receiver requires authentication (401). Check that the receiver verifies signatures with this endpoint's secret, or add the header that it requires.",
  403: 'The receiver denied access (403). A firewall may block the request, or the signature may not match. See "Why doesn\'t my signature match?".',
  404: 'Nothing was found at this path (404). Check the URL for typos, and check that the receiver is deployed.',
  405: 'The receiver does not accept POST at this path (405). Check the URL, including any trailing slash.',
  408: 'The receiver timed out while waiting for the request (408). It may be overloaded.',
  409: 'The receiver reported a conflict (409). For a message that it already has, it should return 2xx.',
  413: 'The request is too large for the receiver (413). Raise its size limit, or the limit of the proxy in front of it.',
  415: 'The receiver does not accept this content type (415). Configure it to accept application/json, or change the format of the endpoint.',
  422: 'The receiver rejected the content of the request (422). Its response should say why.',
  429: 'The receiver is rate limiting us (429). We will pause for as long as it asked. This did not use up an attempt. If this happens often, lower the rate limit of the endpoint.',
  500: 'The receiver crashed (500). Check its logs.',
  502: 'The proxy in front of the receiver got no valid response (502). Check that the receiver is running. Deliveries will be slower for a while.',
  503: 'The receiver is unavailable (503). If it sent Retry-After, we will wait that long.',
  504: 'The proxy in front of the receiver timed out (504). Respond first, then do the work. Deliveries will be slower for a while.',
  508: 'The receiver detected a loop (508). A guestbook refuses events that have already passed through three guestbooks. Check which of your endpoints lead back to this guestbook.',
  521: 'The receiver refused the connection (521). Check that it is running, and that its firewall allows Cloudflare.',
  522: 'The connection to the receiver timed out (522). Check that it is running, and that its firewall allows Cloudflare.',
  523: 'The receiver is unreachable (523). Check the address in its DNS records.',
  524: 'The receiver took too long to respond (524). Respond first, then do the work.',
  525: 'The TLS handshake with the receiver failed (525). Check its certificate and the TLS versions it supports.',
  526: 'The TLS certificate of the receiver is not valid (526). Renew it. Self-signed certificates are not accepted.',
  530: 'The host name of the receiver does not resolve (530). Check that it exists in DNS.',
}

const CLASSES: Record<Exclude<ErrorClass, `url_${string}`>, string> = {
  redirect:
    'The receiver returned a redirect. Redirects are never followed, because the request was signed for this URL only. Register the target URL instead.',
  gone: 'The receiver returned 410 Gone, which means that it wants no more messages. When a delivery gets this response, the endpoint is disabled. Enable it again when the receiver is back.',
  rate_limited: STATUSES[429] as string,
  http_4xx:
    "The receiver rejected the request. Check the URL, and check that the receiver verifies signatures with this endpoint's secret.",
  http_5xx: 'The receiver failed. Check its logs.',
  http_unexpected: 'The receiver returned a status that is not a valid response to a POST. Return 2xx.',
  deadline: `The receiver did not respond within ${spanOf(DEADLINE_MS)}. Return 2xx as soon as the message is stored, then do the work.`,
  connection_lost:
    'The connection was refused, or closed before the response was complete. Check that the receiver is running, and that the port is correct.',
  dns_or_tls:
    'No connection could be made: the host name does not resolve, or the TLS certificate is not accepted. Check both from outside your network, for example with curl -v.',
  origin_unreachable: 'The network could not reach the receiver.',
  sender_fault:
    'The guestbook could not send the request. Its log says why. The request will be retried automatically. If you changed SECRETS_KEY, set SECRETS_KEY_PREVIOUS to the old key.',
  no_email:
    'This deployment cannot send e-mails: it has no send_email binding named EMAIL, or EMAIL_FROM is not an address. Set up both in wrangler.toml, deploy, then retry the delivery.',
  email_refused:
    'Cloudflare did not accept the e-mail. Its message below says why. Most often, the address is not verified under Email Routing, or EMAIL_FROM is not on a domain with Email Routing.',
  receiver_refused: 'The built-in receiver did not store the message. Its response says why, and what to do.',
}

/** Explanations for each error class, for responses that were cut off after their status. */
const BROKEN_OFF: Partial<Record<ErrorClass, string>> = {
  deadline: `The status arrived, but the rest of the response did not arrive within ${spanOf(DEADLINE_MS)}. Send a short response and end it.`,
  connection_lost:
    'The status arrived, but then the connection closed. Check Content-Length, and check that the receiver ends its response.',
}

type Failure = Pick<typeof attempts.$inferSelect, 'error_class' | 'status_code' | 'response_excerpt'>

/** @returns what happened and what to do next; null for an attempt that succeeded */
export function explainFailure({ error_class, status_code, response_excerpt }: Failure) {
  if (error_class === null) return null
  if (error_class.startsWith('url_')) return `Blocked by the URL policy. ${response_excerpt ?? ''}`
  const known = error_class as keyof typeof CLASSES
  if (known === 'receiver_refused') return CLASSES[known]
  if (known === 'redirect') return explainRedirect(response_excerpt)
  if (status_code === null) return CLASSES[known] ?? null
  return BROKEN_OFF[known] ?? STATUSES[status_code] ?? CLASSES[known] ?? null
}

/** The excerpt of a redirect contains its target: see `readResponse`. */
function explainRedirect(excerpt: string | null): string {
  const target = /^Location: (.+)$/s.exec(excerpt ?? '')?.[1]
  return target ? `${CLASSES.redirect} The target is ${target}` : CLASSES.redirect
}
