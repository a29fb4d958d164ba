/*
 * Sending a stored request somewhere else: what of it can be sent again.
 */

export const HTTP_METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const
export type ForwardMethod = (typeof HTTP_METHODS)[number]

/** Of one connection alone (RFC 9110, section 7.6.1), set by whoever sends, or added on the way to us. */
const NOT_SENT = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'host',
  'content-length',
  'expect',
  'accept-encoding',
  'cdn-loop',
  'cf-ray',
  'cf-visitor',
  'cf-ipcountry',
  'cf-worker',
  'cf-ew-via',
  'x-forwarded-proto',
  'x-forwarded-host',
])

const NAME = /^[\w!#$%&'*+.^`|~-]{1,200}$/
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/

/** @returns the headers that go along, in their order; what is no header at all is left out */
export function forwardedHeaders(
  headers: readonly (readonly [string, string])[]
): [string, string][] {
  return headers
    .filter(([name, value]) => NAME.test(name) && VALUE.test(value))
    .filter(([name]) => !NOT_SENT.has(name.toLowerCase()))
    .map(([name, value]) => [name, value])
}

/** What of an unknown method can be sent: it came by that one, so it is kept where fetch takes it. */
export function forwardMethod(method: string): ForwardMethod {
  return HTTP_METHODS.find((known) => known === method) ?? 'POST'
}
