import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cut, shorten } from '../../../../src/kit/lib/text/shorten'

/** Texts with emoji, and with halves of them. */
const text = fc
  .array(fc.constantFrom('a', ' ', '😀', '\ud83d', '\ude00', '👩‍👩‍👧', 'é', '\u0301'), { maxLength: 20 })
  .map((units) => units.join(''))
const length = fc.integer({ min: 1, max: 20 })

describe('a text that is cut', () => {
  it('is well-formed, not longer than allowed, and a beginning of the text', () => {
    fc.assert(
      fc.property(text, length, (whole, max) => {
        const start = cut(whole, max)
        expect(start.isWellFormed()).toBe(true)
        expect([...start].length).toBeLessThanOrEqual(max)
        expect(whole.toWellFormed().startsWith(start)).toBe(true)
        expect([...start].length).toBe(Math.min([...whole].length, max))
      })
    )
  })

  it('ends with an ellipsis if something is missing', () => {
    fc.assert(
      fc.property(text, length, (whole, max) => {
        const shown = shorten(whole, max)
        expect(shown.isWellFormed()).toBe(true)
        expect([...shown].length).toBeLessThanOrEqual(max)
        if ([...whole].length <= max) expect(shown).toBe(whole.toWellFormed())
        else expect(shown.endsWith('…')).toBe(true)
      })
    )
  })

  it.each([
    ['😀😀😀', 2, '😀…'],
    ['😀', 1, '😀'],
    ['a b c', 4, 'a b…'],
  ])('keeps whole characters: %s', (whole, max, expected) => {
    expect(shorten(whole, max)).toBe(expected)
  })
})
