import type { FormatOptions } from '../looks/formatting'
import { type Feed, type FeedEntry, htmlOf, summaryOf } from './feed'
import { element, XML_DECLARATION, xmlText } from './markup'

/** @returns one page of a feed as Atom (RFC 4287), with the links of a paged feed (RFC 5005, section 3) */
export function toAtom(feed: Feed): string {
  const parts = [
    element('id', {}, xmlText(feed.id)),
    element('title', {}, xmlText(feed.title)),
    element('subtitle', {}, xmlText(feed.subtitle)),
    element('updated', {}, time(feed.updated)),
    ...linksOf(feed),
    element('icon', {}, xmlText(feed.icon)),
    element('generator', {}, 'Guesthook'),
    ...feed.entries.map((entry) => toEntry(entry, feed.options)),
  ]
  const attributes = { xmlns: 'http://www.w3.org/2005/Atom', 'xml:lang': feed.language }
  return `${XML_DECLARATION}${element('feed', attributes, `\n${parts.join('\n')}\n`)}\n`
}

function linksOf({ home, self, first, next }: Feed): string[] {
  const link = (rel: string, type: string, href: string) => element('link', { rel, type, href })
  const atom = 'application/atom+xml'
  return [
    link('alternate', 'text/html', home),
    link('self', atom, self),
    link('first', atom, first),
    ...(next === null ? [] : [link('next', atom, next)]),
  ]
}

function toEntry(entry: FeedEntry, options: FormatOptions): string {
  const { url, author } = entry
  const website = author.url === null ? '' : element('uri', {}, xmlText(author.url))
  const parts = [
    element('id', {}, xmlText(url)),
    element('title', {}, xmlText(entry.title)),
    element('link', { rel: 'alternate', type: 'text/html', href: url }),
    element('author', {}, element('name', {}, xmlText(author.name)) + website),
    element('published', {}, time(entry.published)),
    element('updated', {}, time(entry.updated)),
    element('summary', {}, xmlText(summaryOf(entry))),
    // Every ">" of the text is escaped, so the text cannot end the section. Escaping it twice would double its size.
    element('content', { type: 'html' }, `<![CDATA[${htmlOf(entry, options)}]]>`),
  ]
  return element('entry', {}, `\n${parts.join('\n')}\n`)
}

const time = (at: number): string => new Date(at).toISOString()
