import { HOPS_HEADER } from './hops'

/* Selects the parts of a stored request that can be forwarded. */

export const HTTP_METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const
export type ForwardMethod = (typeof HTTP_METHODS)[number]

/** Headers that apply to a single connection (RFC 9110 section 7.6.1), or that the HTTP client sets. */
export const CONNECTION_HEADERS = [
  ...['connection', 'keep-alive', 'te', 'trailer', 'transfer-encoding', 'upgrade'],
  ...['host', 'content-length', 'expect', 'accept-encoding'],
]

/** Headers that are not forwarded: the ones above, those that a proxy reads or adds, and one that we set. */
const NOT_SENT = new Set([
  ...CONNECTION_HEADERS,
  HOPS_HEADER.toLowerCase(),
  ...['proxy-authenticate', 'proxy-authorization', 'proxy-connection', 'x-forwarded-proto', 'x-forwarded-host'],
  ...['cdn-loop', 'cf-ray', 'cf-visitor', 'cf-ipcountry', 'cf-worker', 'cf-ew-via'],
])

const NAME = /^[\w!#$%&'*+.^`|~-]{1,200}$/
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/

/** @returns the headers to forward, in their original order, without invalid ones */
export function forwardedHeaders(headers: readonly (readonly [string, string])[]): [string, string][] {
  return headers
    .filter(([name, value]) => NAME.test(name) && VALUE.test(value))
    .filter(([name]) => !NOT_SENT.has(name.toLowerCase()))
    .map(([name, value]) => [name, value])
}

/** @returns the method to forward with: the original method if `fetch` supports it, otherwise POST */
export function forwardMethod(method: string): ForwardMethod {
  return HTTP_METHODS.find((known) => known === method) ?? 'POST'
}
