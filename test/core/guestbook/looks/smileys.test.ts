import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  CLASSIC_SMILEYS,
  judgeSmileys,
  mapSmileys,
  SMILEYS_MAX,
  type Smiley,
  splitSmileys,
} from '../../../../src/guestbook/rules/looks/smileys'
import { anyText } from '../../../support/arbitraries'

const CLASSIC = mapSmileys(CLASSIC_SMILEYS)

/** The text with emoji. */
function shown(text: string, smileys = CLASSIC): string {
  return splitSmileys(text, smileys)
    .map((piece) => (piece.type === 'smiley' ? piece.emoji : piece.text))
    .join('')
}

describe('a smiley', () => {
  it.each([
    [':-)', '🙂'],
    ['Hello :-) and bye ;)', 'Hello 🙂 and bye 😉'],
    ['Great :-D!', 'Great 😃!'],
    ['Oh :-(...', 'Oh 🙁...'],
    ["sad :'-( cool 8-) shy O:-)", 'sad 😢 cool 😎 shy 😇'],
    ['I <3 this\n:-P :-O >:-( :-|', 'I ❤️ this\n😛 😮 😠 😐'],
    ['(funny ;-) )', '(funny 😉 )'],
  ])('is found in %j', (text, expected) => {
    expect(shown(text)).toBe(expected)
  })

  it.each([
    'http://example.com:-)',
    'https://example.com/:D',
    'https://x.example/a=D;)',
    '(see 7 and 8)',
    '(see 8)',
    'f(x<3)',
    'x<3',
    'C:/windows',
    'hello:-)',
    ':-)hello',
    '10:00:-)',
    ':-):-)',
    '":-)"',
    '8)',
    '1:3',
    'std::pair',
    ': )',
  ])('is not found in %j', (text) => {
    expect(shown(text)).toBe(text)
  })

  it('is a word of its own in every text, and the pieces are the text', () => {
    const words = fc.constantFrom(':-)', ';)', '<3', 'a', ' ', '\n', '.', '!', '8)', 'O:-)', '\u2003', '…')
    fc.assert(
      fc.property(
        fc.oneof(
          fc.array(words).map((all) => all.join('')),
          anyText
        ),
        (text) => {
          const pieces = splitSmileys(text, CLASSIC)
          expect(pieces.map((piece) => piece.text).join('')).toBe(text)
          expect(pieces.every((piece) => piece.text !== '')).toBe(true)
          let before = ''
          for (const piece of pieces) {
            if (piece.type === 'smiley') expect(before).toMatch(/(^|\s)$/)
            before += piece.text
            if (piece.type === 'smiley') expect(text.slice(before.length)).toMatch(/^[.,!?;…]*(\s|$)/)
          }
        }
      )
    )
  })

  it('is not found at an edge that is the middle of a word', () => {
    expect(splitSmileys(':-) :-) :-)', CLASSIC, { start: false, end: false })).toMatchObject([
      { type: 'text', text: ':-) ' },
      { type: 'smiley', text: ':-)', emoji: '🙂' },
      { type: 'text', text: ' :-)' },
    ])
  })

  it('of the classic list passes the check of an own list', () => {
    for (const smiley of CLASSIC_SMILEYS) expect(judgeSmileys([smiley])).toEqual({ ok: true, value: [smiley] })
    expect(CLASSIC.size).toBe(CLASSIC_SMILEYS.length)
  })
})

describe("an owner's own list of smileys", () => {
  const messages = (smileys: Smiley[]) => {
    const result = judgeSmileys(smileys)
    return result.ok ? [] : result.error.map(({ index, message }) => `${index}: ${message}`)
  }

  it('may replace the classic ones', () => {
    const own = mapSmileys([...CLASSIC_SMILEYS, { text: ':-)', emoji: '🐱' }, { text: ':cat:', emoji: '🐈' }])
    expect(shown(':-) :cat: :-(', own)).toBe('🐱 🐈 🙁')
  })

  it('keeps the rules for texts and emoji', () => {
    expect(messages([{ text: '(-:', emoji: '👩‍👩‍👧' }])).toEqual([])
    expect(
      messages([
        { text: ':', emoji: '🙂' },
        { text: 'x'.repeat(21), emoji: '🙂' },
        { text: ': )', emoji: '🙂' },
        { text: '::\u200b', emoji: '🙂' },
        { text: ':a', emoji: 'A' },
        { text: ':b', emoji: '🙂🙂' },
        { text: ':c', emoji: '' },
        { text: ':d', emoji: '👍'.repeat(1_000) },
        { text: ':a', emoji: '🙂' },
        { text: 'x'.repeat(1e6), emoji: '🙂' },
        { text: '::\u202e', emoji: '🙂' },
        { text: '::\ud800', emoji: '🙂' },
      ])
    ).toEqual(
      [
        ...[/^0: .*20/, /^1: .*20/, /^2: .*visible/, /^3: .*visible/, /^4: .*emoji/, /^5: .*emoji/, /^6: .*emoji/],
        ...[/^7: .*emoji/, /^8: .*already/, /^9: .*20/, /^10: .*visible/, /^11: .*visible/],
      ].map((words) => expect.stringMatching(words))
    )
  })

  it(`has at most ${SMILEYS_MAX} smileys`, () => {
    const many = Array.from({ length: SMILEYS_MAX }, (_, i) => ({ text: `:${i}:`, emoji: '🙂' }))
    expect(messages(many)).toEqual([])
    expect(messages([...many, { text: ':x:', emoji: '🙂' }])).toEqual([
      expect.stringMatching(`^${SMILEYS_MAX}: .*${SMILEYS_MAX}`),
    ])
  })
})
