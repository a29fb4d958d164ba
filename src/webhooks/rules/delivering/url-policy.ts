import { err, ok, type Result } from '../../../kit/lib/result'
import { parseUrl } from '../../../kit/lib/url'

export interface UrlPolicy {
  /** Our own hosts, with the port unless it is the default. A guestbook must not call itself. */
  ownHosts: readonly string[]
  /** For development only: allows http and receivers on this machine. */
  allowLocal: boolean
}

export interface UrlRefusal {
  reason: 'not_a_url' | 'too_long' | 'scheme' | 'credentials' | 'ip_address' | 'port' | 'internal_name' | 'own_host'
  detail: string
}

export const URL_MAX = 2_048

/** A full URL: `https:example.com` and `https:/example.com` can be parsed, but are typing errors. */
const WRITTEN_URL = /^[a-z][a-z0-9+.-]*:\/\/[^/\\?#]+/i
/** The parser drops or rewrites these characters, so the stored URL would differ from the one entered. */
const UNWRITTEN = /[\s\p{C}\\]/u

/** The HTTPS ports that Cloudflare supports: https://developers.cloudflare.com/fundamentals/reference/network-ports/ */
const PORTS = new Set(['', '443', '2053', '2083', '2087', '2096', '8443'])

/** Names within private networks, by standard (RFC 6761, 6762, 8375, 9476, ICANN's `.internal`) or by convention. */
const INTERNAL_SUFFIXES = [
  ...['localhost', 'localdomain', 'local', 'internal', 'intranet', 'private', 'corp', 'home', 'lan', 'home.arpa'],
  ...['arpa', 'onion', 'alt', 'metadata.goog', 'metadata.tencentyun.com', 'metadata.packet.net'],
  ...['svc', 'default', 'consul'],
]
/** Public names that resolve to an address contained in the name, or to this machine. */
const REBINDING_SUFFIXES = [
  ...['nip.io', 'sslip.io', 'xip.io', 'traefik.me', 'localtest.me', 'lvh.me', 'vcap.me', 'lacolhost.com', 'local.gd'],
  ...['1u.ms', 'rbndr.us', 'yoogle.com', 'xip.name', 'backname.io', 'local-ip.co', 'local-ip.sh', 'localhost.direct'],
  ...['localh.st', '127-0-0-1.org.uk', 'fuf.me', 'ddev.site', 'lndo.site'],
]

/**
 * Runs at registration and before each attempt: the policy may have become stricter. The parser normalizes addresses
 * and names, so the rules apply to the called host. DNS is not checked: the platform reaches no private networks.
 * @returns the URL to store and call, without its fragment; checking it again leaves it unchanged
 */
export function checkEndpointUrl(text: string, policy: UrlPolicy): Result<string, UrlRefusal> {
  if (text.length > URL_MAX) return refuse('too_long', TOO_LONG)
  if (UNWRITTEN.test(text) || !WRITTEN_URL.test(text)) return refuse('not_a_url', NOT_A_URL)
  const url = parseUrl(text)
  if (!url || url.hostname === '') return refuse('not_a_url', NOT_A_URL)
  if (authority(text).includes('@')) return refuse('credentials', CREDENTIALS)
  url.hash = ''
  const refusal = isAllowedLocal(url, policy) ? null : checkPublic(url)
  if (refusal) return refusal
  if (policy.ownHosts.some((host) => sameHost(url, host, policy.allowLocal))) return refuse('own_host', OWN_HOST)
  return url.href.length > URL_MAX ? refuse('too_long', TOO_LONG) : ok(url.href)
}

const NOT_A_URL = 'Enter the full URL, for example https://example.com/webhooks.'
const TOO_LONG = `A URL can have up to ${URL_MAX} characters.`
const CREDENTIALS = 'Remove the user name and password from the URL. The request is signed.'
const NOT_HTTPS = 'Use an https:// URL: others could read the request.'
const OWN_HOST = 'This URL belongs to this guestbook. Use the URL of another service.'

function checkPublic({ protocol, hostname, port }: URL): Result<never, UrlRefusal> | null {
  if (protocol !== 'https:') return refuse('scheme', NOT_HTTPS)
  if (isIpAddress(hostname)) return refuse('ip_address', 'Use a host name instead of an IP address.')
  if (!PORTS.has(port))
    return refuse('port', `Port ${port} is not allowed. Use port 443, 2053, 2083, 2087, 2096 or 8443.`)
  return isInternalName(hostname) ? refuse('internal_name', `"${hostname}" is not a public host name.`) : null
}

/** All ports of our host name are ours. On a developer's machine, each is another program; `localhost` is 127.0.0.1. */
function sameHost({ protocol, hostname, port }: URL, host: string, byPort: boolean): boolean {
  const own = parseUrl(`${protocol}//${host}`)
  if (!own || (byPort && port !== own.port)) return false
  return hostname === own.hostname || (byPort && isLoopback(hostname) && isLoopback(own.hostname))
}

function isAllowedLocal(url: URL, policy: UrlPolicy): boolean {
  const web = url.protocol === 'http:' || url.protocol === 'https:'
  return policy.allowLocal && web && isLoopback(url.hostname)
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname)
}

/** After parsing, an IPv4 address is four decimal numbers, and an IPv6 address is in brackets. */
const isIpAddress = (hostname: string): boolean => hostname.startsWith('[') || /^\d+\.\d+\.\d+\.\d+$/.test(hostname)

/** Rejects single labels, a trailing dot (which would evade the lists), unusual characters, and the suffixes above. */
function isInternalName(hostname: string): boolean {
  if (!hostname.includes('.') || hostname.endsWith('.') || hostname.includes('..')) return true
  if (hostname.startsWith('.') || !/^[a-z0-9._-]+$/.test(hostname)) return true
  return [...INTERNAL_SUFFIXES, ...REBINDING_SUFFIXES].some(
    (suffix) => hostname === suffix || hostname.endsWith(`.${suffix}`)
  )
}

const authority = (text: string): string => text.slice(text.indexOf('://') + 3).split(/[/?#]/, 1)[0] ?? ''

const refuse = (reason: UrlRefusal['reason'], detail: string): Result<never, UrlRefusal> => err({ reason, detail })
