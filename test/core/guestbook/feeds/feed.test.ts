import fc from 'fast-check'
import { XMLParser, XMLValidator } from 'fast-xml-parser'
import { parseAtomFeed, parseJsonFeed } from 'feedsmith'
import { describe, expect, it } from 'vitest'
import { toAtom } from '../../../../src/guestbook/rules/feeds/atom'
import { type FeedEntry, htmlOf, summaryOf } from '../../../../src/guestbook/rules/feeds/feed'
import { toJsonFeed } from '../../../../src/guestbook/rules/feeds/json-feed'
import { ALL, allowed, anyEntry, anyFeed, hostileText, PLAIN, shownTexts, textsOf } from './samples'

const parser = new XMLParser({
  ignoreAttributes: false,
  trimValues: false,
  parseTagValue: false,
  isArray: (name) => ['entry', 'link'].includes(name),
})

interface ParsedEntry {
  id: string
  title: string
  author: { name: string; uri?: string }
  /** Without `#text` if an entry has no text. */
  content: { '#text'?: string; '@_type': string }
}

interface ParsedAtom {
  feed: { title: string; subtitle: string; entry?: ParsedEntry[]; link: Record<string, string>[] }
}

/** The library takes U+0085 for white space, and removes white space around texts. */
function trimmed(text: string): string {
  return text.replace(/^[\s\u0085]+|[\s\u0085]+$/g, '')
}

describe('an Atom feed', () => {
  it('is well-formed for any text, and contains the same text', () => {
    fc.assert(
      fc.property(anyFeed, (feed) => {
        const xml = toAtom(feed)
        expect(XMLValidator.validate(xml)).toBe(true)
        const { feed: parsed } = parser.parse(xml) as ParsedAtom
        expect([parsed.title, parsed.subtitle]).toEqual([allowed(feed.title), allowed(feed.subtitle)])
        expect(parsed.link.find((link) => link['@_rel'] === 'self')?.['@_href']).toBe(feed.self)
        const entries = parsed.entry ?? []
        expect(entries.map(({ id, title, author }) => [id, title, author.name, author.uri ?? null])).toEqual(
          feed.entries.map(({ url, title, author }) => [url, allowed(title), allowed(author.name), author.url])
        )
        expect(entries.map(({ content }) => textsOf(content['#text'] ?? ''))).toEqual(feed.entries.map(shownTexts))
      })
    )
  })

  it('says the same to a library that reads feeds', () => {
    fc.assert(
      fc.property(anyFeed, (feed) => {
        const parsed = parseAtomFeed(toAtom(feed))
        expect(trimmed(parsed.title?.value ?? '')).toBe(trimmed(allowed(feed.title)))
        expect(parsed.entries?.map(({ id }) => id) ?? []).toEqual(feed.entries.map(({ url }) => url))
        const contents = parsed.entries?.map(({ content }) => textsOf(content?.value ?? '')) ?? []
        expect(contents).toEqual(feed.entries.map(shownTexts))
      })
    )
  })
})

describe('a JSON feed', () => {
  it('contains the text of every entry, as text and as HTML', () => {
    fc.assert(
      fc.property(anyFeed, (feed) => {
        const json = toJsonFeed(feed)
        expect(json.isWellFormed()).toBe(true)
        expect(json).not.toMatch(/\\ud[89a-f]/)
        const parsed = parseJsonFeed(json)
        expect(trimmed(parsed.title ?? '')).toBe(trimmed(allowed(feed.title)))
        expect(parsed.items?.map(({ id, url }) => [id, url]) ?? []).toEqual(feed.entries.map(({ url }) => [url, url]))
        const { items } = JSON.parse(json) as { items: { content_html: string; content_text: string }[] }
        expect(items.map(({ content_html }) => textsOf(content_html))).toEqual(feed.entries.map(shownTexts))
        expect(items.map(({ content_text }) => content_text)).toEqual(
          feed.entries.map(({ body, answers, reply }) => {
            const answered = answers.map(({ question, answer }) => `${question}\n${answer}`)
            const replied = reply ? [`${reply.heading}\n${reply.text}`] : []
            return allowed([body, ...answered, ...replied].join('\n\n'))
          })
        )
      })
    )
  })
})

const ENTRY: FeedEntry = {
  url: '',
  title: '',
  author: { name: '', url: null },
  body: '',
  pre: false,
  drawing: '',
  answers: [],
  reply: null,
  published: 0,
  updated: 0,
}

const KNOWN_TAG =
  /^<(\/?(p|br|em|strong|code|blockquote|pre|span|a)|(p|code|blockquote) dir="auto"|pre dir="ltr" tabindex="0"|span title="[^"<>]*"|a href="https?:[^"<>]*" rel="nofollow ugc noopener" dir="auto")>$/

describe('the HTML of an entry', () => {
  it.each([
    ['*walk* and **run**', '<p dir="auto"><em>walk</em> and <strong>run</strong></p>'],
    ['> q\n`a  b`', '<blockquote dir="auto">q</blockquote><p dir="auto"><code dir="auto">a\u00a0 b</code></p>'],
    ['>   q', '<blockquote dir="auto">\u00a0 q</blockquote>'],
    ['>  q', '<blockquote dir="auto">\u00a0q</blockquote>'],
    ['*<b>x</b>*', '<p dir="auto"><em>&lt;b&gt;x&lt;/b&gt;</em></p>'],
    ['a\n b\n\nc :-)', '<p dir="auto">a<br>\u00a0b</p><p dir="auto">c <span title=":-)">🙂</span></p>'],
  ])('shows %j as the page does, and keeps its spaces', (text, html) => {
    expect(htmlOf({ ...ENTRY, body: text }, ALL)).toBe(html)
    const answered = htmlOf({ ...ENTRY, reply: { heading: 'Reply', text } }, ALL)
    expect(answered).toBe(`<blockquote><p><strong>Reply</strong></p>${html}</blockquote>`)
  })

  it('has no markup in a book without it, in a drawing of characters, and in an answer', () => {
    expect(htmlOf({ ...ENTRY, body: '*a*' }, PLAIN)).toBe('<p dir="auto">*a*</p>')
    expect(htmlOf({ ...ENTRY, body: '*a*  :-)', pre: true }, ALL)).toMatch(/^<pre [^>]*>\n\*a\* {2}:-\)<\/pre>$/)
    expect(htmlOf({ ...ENTRY, answers: [{ question: '*q*', answer: '*a*' }] }, ALL)).not.toContain('<em>')
  })

  it.each([
    ['with', ALL],
    ['without', PLAIN],
  ])('contains nothing but known elements %s markup, and cannot end a CDATA section', (_, options) => {
    fc.assert(
      fc.property(anyEntry, (entry) => {
        const html = htmlOf(entry, options)
        const tags = html.match(/<[^>]*>?/g) ?? []
        expect(tags.filter((tag) => !KNOWN_TAG.test(tag))).toEqual([])
        expect(html).not.toContain(']]>')
        expect(allowed(html)).toBe(html)
      })
    )
  })

  it('of any entry is the content of both feeds', () => {
    fc.assert(
      fc.property(anyFeed, (plain) => {
        const feed = { ...plain, options: ALL }
        const xml = toAtom(feed)
        expect(XMLValidator.validate(xml)).toBe(true)
        const wanted = feed.entries.map((entry) => htmlOf(entry, ALL))
        const entries = (parser.parse(xml) as ParsedAtom).feed.entry ?? []
        expect(entries.map(({ content }) => content['#text'] ?? '')).toEqual(wanted)
        const { items } = JSON.parse(toJsonFeed(feed)) as { items: { content_html: string }[] }
        expect(items.map(({ content_html }) => content_html)).toEqual(wanted)
      })
    )
  })
})

describe('a summary', () => {
  it('is the beginning of the entry, never half a character, and at most 280 characters', () => {
    const body = fc.oneof(
      hostileText,
      fc.tuple(hostileText, fc.constantFrom('a', '😀')).map(([text, char]) => text + char.repeat(400))
    )
    fc.assert(
      fc.property(body, (text) => {
        const summary = summaryOf({ ...ENTRY, body: text })
        expect(summary.isWellFormed()).toBe(true)
        expect([...summary].length).toBeLessThanOrEqual(280)
        if (summary !== allowed(text)) expect(allowed(text).startsWith(summary.slice(0, -1))).toBe(true)
      })
    )
  })
})
