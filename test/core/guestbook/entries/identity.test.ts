import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { countLinks } from '../../../../src/guestbook/rules/entries/decide'
import { changesIdentity } from '../../../../src/guestbook/rules/entries/identity'

const plain = fc
  .array(fc.constantFrom('Hello', 'you', 'ä', '👋', 'com', '\n'), { maxLength: 6 })
  .map((all) => all.join(' '))
const link = fc.constantFrom('https://a.example', 'http://b.example/x', 'www.c.example', 'HTTPS://d.example')

type Entry = Parameters<typeof changesIdentity>[0]

const isAnother = (before: Entry, after: Entry, markup = false) =>
  changesIdentity(before, after, { links: true, markup, smileys: true })

describe('an edit', () => {
  it('of the words around the links changes nobody’s identity', () => {
    fc.assert(
      fc.property(fc.array(link, { maxLength: 3 }), plain, plain, (links, before, after) => {
        const textOf = (words: string) => ({ name: 'Ada', website: null, body: [words, ...links].join(' ') })
        expect(isAnother(textOf(before), textOf(after))).toBe(false)
      })
    )
  })

  it('that adds, removes or changes whatever counts as a link changes it, and so does another name or website', () => {
    const entry = { name: 'Ada', website: null, body: 'Hello' }
    fc.assert(
      fc.property(plain, link, plain, (before, url, after) => {
        const edited = { ...entry, body: `${before} ${url}${after}` }
        expect(countLinks(edited.body)).toBe(1)
        expect(isAnother(entry, edited)).toBe(true)
        expect(isAnother(edited, entry)).toBe(true)
        expect(isAnother(edited, { ...edited, body: edited.body.replace(url, `${url}/other`) })).toBe(true)
      })
    )
    expect(isAnother(entry, { ...entry, name: 'Bob' })).toBe(true)
    expect(isAnother(entry, { ...entry, website: 'https://a.example/' })).toBe(true)
  })
  it.each<[string, Partial<Entry>, Partial<Entry>]>([
    ['as plain text', { body: 'look https://a.example', pre: 1 }, { body: 'look https://a.example', pre: 0 }],
    ['in a word', { body: 'lookhttps://a.example' }, { body: 'look https://a.example' }],
    ['as code', { body: '`look https://a.example now`' }, { body: 'look https://a.example now' }],
  ])('that makes a link of an address that was shown %s changes it', (_, before, after) => {
    const entry = { name: 'Ada', website: null, body: '' }
    expect(isAnother({ ...entry, ...before }, { ...entry, ...after }, true)).toBe(true)
    expect(isAnother({ ...entry, ...before }, { ...entry, ...before }, true)).toBe(false)
  })
})
