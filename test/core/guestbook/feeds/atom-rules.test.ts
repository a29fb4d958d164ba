import fc from 'fast-check'
import { XMLParser } from 'fast-xml-parser'
import { describe, expect, it } from 'vitest'
import { toAtom } from '../../../../src/guestbook/rules/feeds/atom'
import { anyFeed } from './samples'

/* The rules of RFC 4287 and RFC 5005 about elements and attributes, checked on what the program writes. */

const parser = new XMLParser({
  ignoreAttributes: false,
  trimValues: false,
  parseTagValue: false,
  isArray: (_name, _path, _isLeaf, isAttribute) => !isAttribute,
})

type Element = Record<string, unknown>

function childrenOf(element: Element, name: string): Element[] {
  return ((element[name] ?? []) as (Element | string)[]).map((child) =>
    typeof child === 'string' ? { '#text': child } : child
  )
}

/** @returns the feed element of a feed, and the elements of each kind below it */
function read(xml: string): Record<string, Element[]> {
  const feeds = childrenOf(parser.parse(xml) as Element, 'feed')
  const entries = feeds.flatMap((feed) => childrenOf(feed, 'entry'))
  return { feed: feeds, entry: entries, author: entries.flatMap((entry) => childrenOf(entry, 'author')) }
}

const MANY = Number.POSITIVE_INFINITY

const RULES: [section: string, parent: string, child: string, min: number, max: number][] = [
  ['4.1.1', 'feed', 'id', 1, 1],
  ['4.1.1', 'feed', 'title', 1, 1],
  ['4.1.1', 'feed', 'updated', 1, 1],
  ['4.1.1', 'feed', 'subtitle', 0, 1],
  ['4.1.1', 'feed', 'generator', 0, 1],
  ['4.1.1', 'feed', 'icon', 0, 1],
  ['4.1.1', 'feed', 'logo', 0, 1],
  ['4.1.1', 'feed', 'rights', 0, 1],
  ['4.1.2', 'entry', 'author', 1, MANY],
  ['4.1.2', 'entry', 'id', 1, 1],
  ['4.1.2', 'entry', 'title', 1, 1],
  ['4.1.2', 'entry', 'updated', 1, 1],
  ['4.1.2', 'entry', 'published', 0, 1],
  ['4.1.2', 'entry', 'content', 0, 1],
  ['4.1.2', 'entry', 'summary', 0, 1],
  ['4.1.2', 'entry', 'rights', 0, 1],
  ['4.1.2', 'entry', 'source', 0, 1],
  ['3.2', 'author', 'name', 1, 1],
  ['3.2', 'author', 'uri', 0, 1],
  ['3.2', 'author', 'email', 0, 1],
]

/** All elements that a feed may have without an extension. */
const KNOWN: Record<string, string[]> = {
  feed: ['author', 'category', 'contributor', 'generator', 'icon', 'id', 'link', 'logo', 'rights', 'subtitle', 'title'],
  entry: ['author', 'category', 'content', 'contributor', 'id', 'link', 'published', 'rights', 'source', 'summary'],
  author: ['name', 'uri', 'email'],
}
KNOWN.feed?.push('updated', 'entry')
KNOWN.entry?.push('title', 'updated')

/** Checks each feed that the program can write. */
function always(check: (elements: Record<string, Element[]>) => void): void {
  fc.assert(
    fc.property(anyFeed, (feed) => {
      const elements = read(toAtom(feed))
      expect(elements.feed).toHaveLength(1)
      expect(elements.entry).toHaveLength(feed.entries.length)
      check(elements)
    }),
    { numRuns: 30 }
  )
}

describe('an Atom feed', () => {
  it.each(RULES)('follows section %s: %s has as many %s as it may (%i to %d)', (_, parent, child, min, max) => {
    always((elements) => {
      for (const element of elements[parent] ?? []) {
        const { length } = childrenOf(element, child)
        expect(length).toBeGreaterThanOrEqual(min)
        expect(length).toBeLessThanOrEqual(max)
      }
    })
  })

  it.each(Object.entries(KNOWN))('has no unknown elements in %s', (parent, known) => {
    always((elements) => {
      for (const element of elements[parent] ?? []) {
        const names = Object.keys(element).filter((name) => !name.startsWith('@_') && name !== '#text')
        expect(names.filter((name) => !known.includes(name))).toEqual([])
      }
    })
  })

  it('is in the namespace of Atom, and says its language (section 2)', () => {
    always(({ feed }) => {
      expect(feed?.[0]).toMatchObject({ '@_xmlns': 'http://www.w3.org/2005/Atom' })
      expect(feed?.[0]?.['@_xml:lang']).toMatch(/^[a-z]{2}$/)
    })
  })

  it('has times as in RFC 3339, in UTC (section 3.3)', () => {
    always(({ feed = [], entry = [] }) => {
      const times = ['updated', 'published'].flatMap((name) =>
        [...feed, ...entry].flatMap((one) => childrenOf(one, name))
      )
      expect(times.length).toBeGreaterThan(0)
      for (const time of times) expect(time['#text']).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
    })
  })

  it('has ids that are absolute IRIs (section 4.2.6)', () => {
    always(({ feed = [], entry = [] }) => {
      for (const one of [...feed, ...entry]) {
        expect(URL.canParse(String(childrenOf(one, 'id')[0]?.['#text']))).toBe(true)
      }
    })
  })

  it('has one alternate link of each type, and a link to itself (sections 4.1.1 and 4.1.2)', () => {
    always(({ feed = [], entry = [] }) => {
      for (const one of [...feed, ...entry]) {
        const links = childrenOf(one, 'link')
        expect(links.filter((link) => link['@_rel'] === 'alternate')).toHaveLength(1)
        for (const link of links) expect(URL.canParse(String(link['@_href']))).toBe(true)
      }
      expect(childrenOf(feed[0] ?? {}, 'link').filter((link) => link['@_rel'] === 'self')).toHaveLength(1)
    })
  })

  it('has a known type for each content (section 4.1.3), without child elements', () => {
    always(({ entry = [] }) => {
      for (const content of entry.flatMap((one) => childrenOf(one, 'content'))) {
        expect(Object.keys(content).filter((name) => name !== '#text')).toEqual(['@_type'])
        expect(content['@_type']).toBe('html')
      }
    })
  })

  it('has at most one link of each kind that leads to other pages (RFC 5005, section 3)', () => {
    fc.assert(
      fc.property(anyFeed, (feed) => {
        const links = childrenOf(read(toAtom(feed)).feed?.[0] ?? {}, 'link')
        const href = (rel: string) => links.filter((link) => link['@_rel'] === rel).map((link) => link['@_href'])
        expect(href('first')).toEqual([feed.first])
        expect(href('next')).toEqual(feed.next === null ? [] : [feed.next])
      })
    )
  })
})
