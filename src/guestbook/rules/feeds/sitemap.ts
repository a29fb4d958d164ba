import { element, XML_DECLARATION, xmlText } from './markup'

/** @param urls at most 50,000. @returns a sitemap (https://www.sitemaps.org/protocol.html) */
export function toSitemap(urls: string[]): string {
  const entries = urls.map((url) => element('url', {}, element('loc', {}, xmlText(url))))
  const attributes = { xmlns: 'http://www.sitemaps.org/schemas/sitemap/0.9' }
  return `${XML_DECLARATION}${element('urlset', attributes, `\n${entries.join('\n')}\n`)}\n`
}

/** @param origin without a trailing slash. @returns robots.txt (RFC 9309) */
export function toRobots(origin: string): string {
  return `User-agent: *\nDisallow: /admin\n\nSitemap: ${origin}/sitemap.xml\n`
}
