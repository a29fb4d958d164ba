import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { judgeLine, judgeSlug, SLUG_MAX, TITLE_MAX } from '../../../../src/guestbook/rules/entries/book-texts'

const judgeTitle = (title: string) => judgeLine('The title', title, TITLE_MAX)

describe('the title of a book', () => {
  it.each([
    ['', 'The title .*empty'],
    ['  ', 'The title .*empty'],
    ['\u200b', 'The title .*empty'],
    ['👋'.repeat(TITLE_MAX + 1), `The title .*${TITLE_MAX + 1} characters`],
    ['a\u0000', 'The title .*control'],
    ['a\u202eb', 'The title .*direction'],
    ['\ud800', 'The title .*half'],
  ])('is rejected if it is %j', (title, fault) => {
    const judged = judgeTitle(title)
    expect(judged.ok ? '' : judged.error).toMatch(new RegExp(`^${fault}`))
  })

  it('may have the maximum number of code points, and is cleaned to one line', () => {
    expect(judgeTitle('👋'.repeat(TITLE_MAX))).toEqual({ ok: true, value: '👋'.repeat(TITLE_MAX) })
    expect(judgeTitle(' come\n\tin! ')).toEqual({ ok: true, value: 'come in!' })
  })

  it('does not change when it is checked again', () => {
    let accepted = 0
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 80 }), (title) => {
        const judged = judgeTitle(title)
        if (!judged.ok) return
        accepted += 1
        expect(judgeTitle(judged.value)).toEqual(judged)
      })
    )
    expect(accepted).toBeGreaterThan(10)
  })
})

describe('the slug of a book', () => {
  it.each(['a', 'party', 'summer-party', '2026', 'a'.repeat(SLUG_MAX)])('may be %s', (slug) => {
    expect(judgeSlug(slug)).toEqual({ ok: true, value: slug })
  })

  it.each([
    ['', 'lowercase'],
    ['Party', 'lowercase'],
    ['a b', 'lowercase'],
    ['a/b', 'lowercase'],
    ['..', 'lowercase'],
    ['-a', 'lowercase'],
    ['a-', 'lowercase'],
    ['a--b', 'lowercase'],
    ['é', 'lowercase'],
    ['a\n', 'lowercase'],
    ['a'.repeat(SLUG_MAX + 1), `more than ${SLUG_MAX} characters`],
    ['new', 'reserved'],
    ['admin', 'reserved'],
  ])('may not be %j', (slug, fault) => {
    const judged = judgeSlug(slug)
    expect(judged.ok ? '' : judged.error).toContain(fault)
  })
})
