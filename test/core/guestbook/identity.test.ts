import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { countLinks } from '../../../src/guestbook/rules/entries/decide'
import { changesIdentity } from '../../../src/guestbook/rules/entries/identity'

const plain = fc
  .array(fc.constantFrom('Hello', 'you', 'ä', '👋', 'com', '\n'), { maxLength: 6 })
  .map((all) => all.join(' '))
const link = fc.constantFrom('https://a.example', 'http://b.example/x', 'www.c.example', 'HTTPS://d.example')

describe('an edit', () => {
  it('of the words around the links changes nobody’s identity', () => {
    fc.assert(
      fc.property(fc.array(link, { maxLength: 3 }), plain, plain, (links, before, after) => {
        const textOf = (words: string) => ({ name: 'Ada', website: null, body: [words, ...links].join(' ') })
        expect(changesIdentity(textOf(before), textOf(after))).toBe(false)
      })
    )
  })

  it('that adds, removes or changes whatever counts as a link changes it, and so does another name or website', () => {
    const entry = { name: 'Ada', website: null, body: 'Hello' }
    fc.assert(
      fc.property(plain, link, plain, (before, url, after) => {
        const edited = { ...entry, body: `${before} ${url}${after}` }
        expect(countLinks(edited.body)).toBe(1)
        expect(changesIdentity(entry, edited)).toBe(true)
        expect(changesIdentity(edited, entry)).toBe(true)
        expect(changesIdentity(edited, { ...edited, body: edited.body.replace(url, `${url}/other`) })).toBe(true)
      })
    )
    expect(changesIdentity(entry, { ...entry, name: 'Bob' })).toBe(true)
    expect(changesIdentity(entry, { ...entry, website: 'https://a.example/' })).toBe(true)
  })
})
