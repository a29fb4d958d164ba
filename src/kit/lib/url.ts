/*
 * Parses URLs that strangers wrote. The time to parse an international host grows with the square of its length, so a
 * host longer than DNS allows is refused first. test/build/structure.test.ts keeps other parsers out.
 */

/** Longer than any URL that is stored. */
const LENGTH_MAX = 4_096
/** DNS limits names and their labels (RFC 1035, section 2.3.4). */
export const HOST_MAX = 253
const LONG_LABEL = /[^.。．｡]{64}/u
/** How many characters of other scripts a host can have. Each becomes up to four characters of a DNS name. */
const INTERNATIONAL_MAX = 100

/** What the parser reads as the host, with a user name and a port. It ignores white space; a slash may be missing. */
const AUTHORITY = /^(?:[a-z][a-z0-9+.-]*:)?[\\/]*([^\\/?#]*)/i

/** @param base of a relative URL. @returns null if it is not valid, too long, or has a host that cannot exist */
export function parseUrl(text: string, base?: string): URL | null {
  if (text.length > LENGTH_MAX || isHostTooLong(writtenHost(text))) return null
  const url = URL.parse(text, base)
  return url && !isHostTooLong(url.hostname) ? url : null
}

/** @returns the host and port; empty if the URL is not valid */
export const hostOf = (url: string): string => parseUrl(url)?.host ?? ''

/** @returns the host without its port and a final dot, which name the same site; empty if the URL is not valid */
export const siteOf = (url: string): string => parseUrl(url)?.hostname.replace(/\.$/, '') ?? ''

/** @returns the scheme, host and port; empty if the URL is not valid */
export const originOf = (url: string): string => parseUrl(url)?.origin ?? ''

function writtenHost(text: string): string {
  const [, authority = ''] = AUTHORITY.exec(text.replace(/^[\0- ]+|[\t\n\r]/g, '')) ?? []
  return authority.slice(authority.lastIndexOf('@') + 1).replace(/:\d*$/, '')
}

function isHostTooLong(host: string): boolean {
  if (host.length > HOST_MAX || LONG_LABEL.test(host)) return true
  return host.replace(/[!-~]/g, '').length > INTERNATIONAL_MAX
}
