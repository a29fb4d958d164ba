import { err, ok, type Result } from '../lib/result'

export interface UrlPolicy {
  /** Our own hosts (host, with its port if it is not the default one): a guestbook does not call itself. */
  ownHosts: readonly string[]
  /** Development only: http, and receivers on this machine. */
  allowLocal: boolean
}

export interface UrlRefusal {
  reason:
    | 'not_a_url'
    | 'too_long'
    | 'scheme'
    | 'credentials'
    | 'ip_address'
    | 'port'
    | 'internal_name'
    | 'own_host'
  detail: string
}

export const URL_MAX = 2_048

/** Only a URL written out in full: `https:example.com` and `https:/example.com` parse, but nobody means them. */
const WRITTEN_URL = /^[a-z][a-z0-9+.-]*:\/\/[^/\\?#]+/i
/** White space, controls and backslashes are dropped or turned by the parser: what is stored would not be what was written. */
const UNWRITTEN = /[\s\p{C}\\]/u

/** The ports over which Cloudflare carries HTTPS: https://developers.cloudflare.com/fundamentals/reference/network-ports/ */
const PORTS = new Set(['', '443', '2053', '2083', '2087', '2096', '8443'])

/** Names that mean a host inside somebody's network (RFC 6761, RFC 6762, RFC 8375, RFC 9476, ICANN's `.internal`) or habit. */
const INTERNAL_SUFFIXES = [
  'localhost',
  'localdomain',
  'local',
  'internal',
  'intranet',
  'private',
  'corp',
  'home',
  'lan',
  'home.arpa',
  'arpa',
  'onion',
  'alt',
  'metadata.goog',
  'metadata.tencentyun.com',
  'metadata.packet.net',
  'svc',
  'default',
  'consul',
]
/** Public names whose only use is to resolve to an address written in the name, or to this machine. */
const REBINDING_SUFFIXES = [
  'nip.io',
  'sslip.io',
  'xip.io',
  'traefik.me',
  'localtest.me',
  'lvh.me',
  'vcap.me',
  'lacolhost.com',
  'local.gd',
  '1u.ms',
  'rbndr.us',
  'yoogle.com',
  'xip.name',
  'backname.io',
  'local-ip.co',
  'local-ip.sh',
  'localhost.direct',
  'localh.st',
  '127-0-0-1.org.uk',
  'fuf.me',
  'ddev.site',
  'lndo.site',
]

/**
 * Whether we may send to a URL. Runs when an endpoint is registered and again before each attempt, since the policy may have become stricter.
 * The URL parser does the decoding (octal, hex and short IPv4, full-width digits, percent signs, IDN), so the
 * rules see the host that would be connected to. DNS cannot be checked here: the platform's egress has no way into private networks.
 * @returns the URL as it will be stored and called, without a fragment; it passes again as itself
 */
export function checkEndpointUrl(text: string, policy: UrlPolicy): Result<string, UrlRefusal> {
  if (text.length > URL_MAX) return refuse('too_long', `A URL has up to ${URL_MAX} characters.`)
  if (UNWRITTEN.test(text) || !WRITTEN_URL.test(text)) return refuse('not_a_url', NOT_A_URL)
  const url = URL.parse(text)
  if (!url || url.hostname === '') return refuse('not_a_url', NOT_A_URL)
  if (authority(text).includes('@')) return refuse('credentials', CREDENTIALS)
  url.hash = ''
  const fault = isAllowedLocal(url, policy) ? ownHostFault(url, policy) : publicFault(url, policy)
  if (fault) return err(fault)
  return url.href.length > URL_MAX ? refuse('too_long', TOO_LONG) : ok(url.href)
}

const NOT_A_URL = 'Write the whole address, for example https://example.com/webhooks.'
const TOO_LONG = `A URL has up to ${URL_MAX} characters.`
const CREDENTIALS =
  'Take the user name and password out of the URL; the signature proves who sends.'

function publicFault(url: URL, policy: UrlPolicy): UrlRefusal | null {
  if (url.protocol !== 'https:') {
    return {
      reason: 'scheme',
      detail: 'Only https:// is called, so that nobody on the way can read or change it.',
    }
  }
  if (isIpAddress(url.hostname)) {
    return { reason: 'ip_address', detail: 'Use a host name: IP addresses are not called.' }
  }
  if (!PORTS.has(url.port)) {
    return { reason: 'port', detail: `Port ${url.port} is not called. Use 443 or 8443.` }
  }
  if (isInternalName(url.hostname)) {
    return { reason: 'internal_name', detail: `"${url.hostname}" is not a public host name.` }
  }
  return ownHostFault(url, policy)
}

function ownHostFault(url: URL, policy: UrlPolicy): UrlRefusal | null {
  const own = policy.ownHosts.some((host) => sameHost(url, host, policy.allowLocal))
  return own ? { reason: 'own_host', detail: 'That is this guestbook itself.' } : null
}

/** In production any port of our own name is ourselves; on a developer's machine the port tells programs apart. */
function sameHost(url: URL, host: string, byPort: boolean): boolean {
  const name = host.toLowerCase()
  return byPort ? url.host === name : url.hostname === name.replace(/:\d+$/, '')
}

function isAllowedLocal(url: URL, policy: UrlPolicy): boolean {
  const web = url.protocol === 'http:' || url.protocol === 'https:'
  return policy.allowLocal && web && isLoopback(url.hostname)
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname)
}

/** After parsing, an IPv4 address is four decimal numbers, however it was written, and every IPv6 address is in brackets. */
function isIpAddress(hostname: string): boolean {
  return hostname.startsWith('[') || /^\d+\.\d+\.\d+\.\d+$/.test(hostname)
}

/** Single labels, a trailing dot (the root spelled out dodges suffix rules and certificates), and the lists above. */
function isInternalName(hostname: string): boolean {
  if (!hostname.includes('.') || hostname.endsWith('.') || hostname.includes('..')) return true
  if (hostname.startsWith('.') || !/^[a-z0-9._-]+$/.test(hostname)) return true
  return [...INTERNAL_SUFFIXES, ...REBINDING_SUFFIXES].some(
    (suffix) => hostname === suffix || hostname.endsWith(`.${suffix}`)
  )
}

function authority(text: string): string {
  return text.slice(text.indexOf('://') + 3).split(/[/?#]/, 1)[0] ?? ''
}

function refuse(reason: UrlRefusal['reason'], detail: string): Result<never, UrlRefusal> {
  return err({ reason, detail })
}
