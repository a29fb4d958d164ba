import fc from 'fast-check'
import { XMLParser, XMLValidator } from 'fast-xml-parser'
import { describe, expect, it } from 'vitest'
import { headLinks } from '../../../../src/guestbook/rules/feeds/head-links'
import { element, legible, xmlText } from '../../../../src/guestbook/rules/feeds/markup'
import { toRobots, toSitemap } from '../../../../src/guestbook/rules/feeds/sitemap'
import { allowed, hostileText } from './samples'

const parser = new XMLParser({
  ignoreAttributes: false,
  trimValues: false,
  parseTagValue: false,
  attributeNamePrefix: '',
})

describe('XML', () => {
  it('keeps every text in an element, and in an attribute', () => {
    fc.assert(
      fc.property(hostileText, hostileText, (text, value) => {
        const xml = element('a', { value }, element('b', {}, xmlText(text)))
        expect(XMLValidator.validate(xml)).toBe(true)
        expect(parser.parse(xml).a.b).toBe(allowed(text))
        // A line feed in an attribute must be a reference, which this parser does not read back.
        const oneLine = element('a', { value: value.replace(/[\t\r\n]/g, ' ') })
        expect(parser.parse(oneLine).a.value).toBe(allowed(value.replace(/[\t\r\n]/g, ' ')))
        expect(xml.slice(0, xml.indexOf('>'))).not.toMatch(/[\t\r\n]/)
      })
    )
  })

  it('leaves out what is null', () => {
    expect(element('a', { b: null, c: 0 })).toBe('<a c="0"/>')
  })

  it('has no characters that XML 1.0 forbids, and keeps what looks like them', () => {
    expect(legible('a\u0000\u000b\ufffe\ud800b\udc00\r\nc\u0085\u202e👩‍👩‍👧 ]]>')).toBe('ab\nc\u0085\u202e👩‍👩‍👧 ]]>')
  })
})

describe('a sitemap', () => {
  it('lists the URLs', () => {
    const urls = ['https://guestbook.example.com/', 'https://guestbook.example.com/b/summer']
    const xml = toSitemap(urls)
    expect(XMLValidator.validate(xml)).toBe(true)
    expect(parser.parse(xml).urlset.url.map(({ loc }: { loc: string }) => loc)).toEqual(urls)
  })

  it('is named in robots.txt, which keeps search engines out of the dashboard', () => {
    const lines = toRobots('https://guestbook.example.com').split('\n')
    expect(lines).toContain('User-agent: *')
    expect(lines).toContain('Disallow: /admin')
    expect(lines).toContain('Sitemap: https://guestbook.example.com/sitemap.xml')
  })
})

describe('the head of a page', () => {
  const origin = 'https://guestbook.example.com'

  it.each([
    ['/', '/feed.atom', '/feed.json'],
    ['/b/summer', '/b/summer/feed.atom', '/b/summer/feed.json'],
  ])('of %s leads to its own feeds and the card of its theme', (path, atom, json) => {
    const { links, meta } = headLinks({ title: 'Summer', description: 'Welcome', path, theme: 'zine' }, origin)
    expect(links.map((link) => [link.rel, 'type' in link ? link.type : undefined, link.href])).toEqual([
      ['canonical', undefined, origin + path],
      ['alternate', 'application/atom+xml', atom],
      ['alternate', 'application/feed+json', json],
    ])
    expect(meta).toContainEqual({ property: 'og:image', content: `${origin}/cards/zine.png` })
    expect(meta).toContainEqual({ property: 'og:url', content: origin + path })
    expect(meta).toContainEqual({ property: 'og:title', content: 'Summer' })
  })

  it('has the properties that Open Graph requires, once each', () => {
    const { meta } = headLinks({ title: 't', description: 'd', path: '/', theme: 'plain' }, origin)
    const names = meta.map((one) => ('property' in one ? one.property : one.name))
    expect(new Set(names).size).toBe(names.length)
    for (const required of ['og:title', 'og:type', 'og:image', 'og:url']) expect(names).toContain(required)
  })
})
