/*
 * Names the browser in a User-Agent header, such as "Firefox on Linux". This is only for people who recognize their own
 * devices: anyone can send any header.
 */

/** The rest of a longer header is ignored. */
const MAX_CHARS = 300

type Rule = readonly [pattern: RegExp, name: string]

/** In this order, because most browsers also name the browsers that they are compatible with. */
const BROWSERS: Rule[] = [
  [/\bEdg(A|iOS)?\//, 'Edge'],
  [/\b(OPR|Opera)\//, 'Opera'],
  [/\bSamsungBrowser\//, 'Samsung Internet'],
  [/\bVivaldi\//, 'Vivaldi'],
  [/\b(Firefox|FxiOS)\//, 'Firefox'],
  [/\b(Chrome|CriOS|HeadlessChrome)\//, 'Chrome'],
  [/\bVersion\/.*\bSafari\//, 'Safari'],
  [/^curl\//, 'curl'],
  [/^Wget\//, 'Wget'],
  [/^python-requests\/|^Python-urllib\//, 'Python'],
  [/^(node|undici)\b/, 'Node.js'],
  [/^Go-http-client\//, 'Go'],
]

const SYSTEMS: Rule[] = [
  [/\b(iPhone|iPad|iPod)\b/, 'iOS'],
  [/\bAndroid\b/, 'Android'],
  [/\bWindows\b/, 'Windows'],
  [/\bCrOS\b/, 'ChromeOS'],
  [/\bMac OS X\b|\bMacintosh\b/, 'macOS'],
  [/\bLinux\b/, 'Linux'],
]

/** @returns words for people. They never quote the header */
export function nameBrowser(userAgent: string | undefined): string {
  const text = (userAgent ?? '').slice(0, MAX_CHARS)
  const browser = BROWSERS.find(([pattern]) => pattern.test(text))?.[1]
  const system = SYSTEMS.find(([pattern]) => pattern.test(text))?.[1]
  if (!browser) return system ? `a program on ${system}` : 'an unknown program'
  return system ? `${browser} on ${system}` : browser
}

/** @returns an ISO 3166 code, or null for an unknown country (`XX`), Tor (`T1`) and anything else */
export function readCountry(code: unknown): string | null {
  return typeof code === 'string' && code !== 'XX' && /^[A-Z]{2}$/.test(code) ? code : null
}
