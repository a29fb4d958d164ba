import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  countLinks,
  decide,
  type Facts,
  findBlocked,
  MODERATION_MODES,
  type Rules,
} from '../../../../src/guestbook/rules/entries/decide'

const TEXT = { name: 'Ada', body: 'Hello', website: null }
const RULES: Rules = {
  moderation: 'none',
  max_links: 2,
  blocked_words: [],
  proof_of_work: false,
  turnstile: false,
  drawings: 'held',
}
const FACTS: Facts = {
  isTrapped: false,
  formAgeMs: 10_000,
  isKnown: false,
  isBanned: false,
  hasProof: false,
  isConfirmed: false,
  isRepeated: false,
  isPrivate: false,
}

describe('an entry', () => {
  it.each<[string, Partial<typeof TEXT>, Partial<Rules>, Partial<Facts>, string, string | null]>([
    ['from a new guest', {}, {}, {}, 'published', null],
    ['from a new guest, if first entries wait', {}, { moderation: 'first' }, {}, 'held', 'first'],
    ['from a known guest, if first entries wait', {}, { moderation: 'first' }, { isKnown: true }, 'published', null],
    ['from a known guest, if all entries wait', {}, { moderation: 'all' }, { isKnown: true }, 'held', 'moderation'],
    ['with the hidden field filled in', {}, {}, { isTrapped: true }, 'spam', 'honeypot'],
    ['sent within three seconds', {}, {}, { formAgeMs: 2_999 }, 'held', 'too_fast'],
    ['sent after three seconds', {}, {}, { formAgeMs: 3_000 }, 'published', null],
    ['without a form', {}, {}, { formAgeMs: null }, 'published', null],
    ['that was sent before', {}, {}, { isRepeated: true }, 'held', 'repeated'],
    ['with a blocked word in the text', { body: 'Buy CASINO now' }, { blocked_words: ['casino'] }, {}, 'spam', 'word'],
    ['with a blocked word in the name', { name: 'Casino' }, { blocked_words: ['CASINO'] }, {}, 'spam', 'word'],
    ['with many links', { body: 'www.a www.b www.c' }, {}, { isKnown: true }, 'held', 'links'],
    [
      'with many links, if the owner allows them',
      { body: 'www.a www.b www.c' },
      { max_links: 3 },
      {},
      'published',
      null,
    ],
    ['that is private', {}, { moderation: 'all' }, { isPrivate: true, isRepeated: true }, 'hidden', 'private'],
    [
      'that is private, with the hidden field filled in',
      {},
      {},
      { isPrivate: true, isTrapped: true },
      'spam',
      'honeypot',
    ],
    ['that is private, with a blocked word', {}, { blocked_words: ['hello'] }, { isPrivate: true }, 'spam', 'word'],
    ['that is private, from a banned guest', {}, {}, { isPrivate: true, isBanned: true }, 'spam', 'banned'],
    ['from a banned guest', {}, {}, { isBanned: true, isKnown: true }, 'spam', 'banned'],
    ['with a drawing', {}, {}, { hasDrawing: true, isKnown: true }, 'held', 'drawing'],
    ['with a drawing that need not wait', {}, { drawings: 'on' }, { hasDrawing: true }, 'published', null],
    ['without a solved puzzle', {}, { proof_of_work: true }, { isKnown: true }, 'held', 'no_proof'],
    ['with a solved puzzle', {}, { proof_of_work: true }, { hasProof: true }, 'published', null],
    ['that Turnstile does not confirm', {}, { turnstile: true }, { isKnown: true }, 'held', 'turnstile'],
    ['that Turnstile confirms', {}, { turnstile: true }, { isConfirmed: true }, 'published', null],
  ])('%s', (_, text, rules, facts, status, reason) => {
    expect(decide({ ...TEXT, ...text }, { ...RULES, ...rules }, { ...FACTS, ...facts })).toEqual({ status, reason })
  })

  it('has a reason unless it is published, and stricter rules publish no more', () => {
    const facts = fc.record({
      isTrapped: fc.boolean(),
      formAgeMs: fc.option(fc.nat(10_000)),
      isKnown: fc.boolean(),
      isRepeated: fc.boolean(),
      isBanned: fc.boolean(),
      hasProof: fc.boolean(),
      isConfirmed: fc.boolean(),
      isPrivate: fc.boolean(),
    })
    const body = fc.constantFrom('Hello', 'www.a www.b www.c', 'casino')
    fc.assert(
      fc.property(facts, body, fc.constantFrom<string[]>([], ['casino']), (known, text, blocked_words) => {
        const shown = MODERATION_MODES.map((moderation) => {
          const { status, reason } = decide({ ...TEXT, body: text }, { ...RULES, moderation, blocked_words }, known)
          expect(reason === null).toBe(status === 'published')
          return status === 'published'
        })
        const [none, first, all] = shown
        expect(!first || none).toBe(true)
        expect(!all || first).toBe(true)
        // Whether an entry is spam does not depend on who may read it, and a private entry never waits.
        const given = { ...RULES, blocked_words }
        const [open, hidden] = [false, true].map((isPrivate) => {
          return decide({ ...TEXT, body: text }, given, { ...known, isPrivate }).status
        })
        expect(hidden).toBe(open === 'spam' ? 'spam' : 'hidden')
      })
    )
  })
})

describe('the number of links', () => {
  it.each([
    [0, 'no link'],
    [1, 'https://a.example'],
    [2, 'http://a.example and https://b.example'],
    [2, 'https://www.a.example and https://www.b.example'],
    [2, 'www.a.example and www.b.example'],
    [2, '<a href="https://a.example">https://a.example</a>'],
    [3, 'HTTP://A.EXAMPLE Https://b.example WWW.c.example'],
    [3, 'https://a.examplehttps://b.examplehttps://c.example'],
    [3, '[url=http://a.example]x[/url] http://b.example\nwww.c.example'],
    [2, 'ftp://a.example http: https http//b www https://c.example www.d.example'],
  ])('is %i in %j', (count, text) => {
    expect(countLinks(text)).toBe(count)
  })
})

it('a blocked word is named as the owner entered it, so that the owner knows which rule to change', () => {
  expect(findBlocked({ ...TEXT, website: 'https://casino.example/' }, ['poker', 'CaSiNo'])).toBe('CaSiNo')
  expect(findBlocked(TEXT, ['casino'])).toBeNull()
})
