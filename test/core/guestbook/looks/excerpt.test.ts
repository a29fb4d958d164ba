import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { excerptOf } from '../../../../src/guestbook/rules/looks/excerpt'

describe('the excerpt of an entry', () => {
  it.each(['', 'Hello', 'a'.repeat(1_500), 'a\n'.repeat(39)])('is not needed if the entry is short', (text) => {
    expect(excerptOf(text)).toBeNull()
  })

  it('ends where a word or a line ends', () => {
    expect(excerptOf('a word '.repeat(300))).toMatch(/^(a word )+a word…$|^(a word )+a…$/)
    expect(excerptOf('line\n'.repeat(50))).toBe(`${Array.from({ length: 30 }, () => 'line').join('\n')}…`)
    expect(excerptOf('x'.repeat(4_000))).toHaveLength(1_000)
  })

  it('is a beginning of the text of bounded size, without half a character', () => {
    const unit = fc.constantFrom('a', ' ', '\n', '\n\n', '🎉', 'word ', '中', '*', 'x'.repeat(300))
    fc.assert(
      fc.property(fc.array(unit, { maxLength: 3_000 }), (units) => {
        const text = units.join('')
        const excerpt = excerptOf(text)
        if (excerpt === null) {
          expect(text.length).toBeLessThanOrEqual(1_500)
          return
        }
        expect(excerpt.isWellFormed()).toBe(true)
        expect(text.startsWith(excerpt.replace(/…$/, ''))).toBe(true)
        expect([...excerpt].length).toBeLessThanOrEqual(1_001)
        expect(excerpt.split('\n').length).toBeLessThanOrEqual(30)
      })
    )
  })
})
