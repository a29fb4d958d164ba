import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { judgeBook, TITLE_MAX, WELCOME_MAX } from '../../../src/core/guestbook/book-policy'

describe('what a book may be called', () => {
  it.each([
    ['', 'x', 'The title is empty'],
    ['  ', 'x', 'The title is empty'],
    ['\u200b', 'x', 'The title is empty'],
    ['👋'.repeat(TITLE_MAX + 1), 'x', `The title has ${TITLE_MAX + 1} characters`],
    ['a\u0000', 'x', 'The title holds invisible control characters'],
    ['a\u202eb', 'x', 'The title holds characters that turn the direction'],
    ['\ud800', 'x', 'The title holds half a character'],
    ['x', '', 'The welcome is empty'],
    ['x', 'y'.repeat(WELCOME_MAX + 1), `The welcome has ${WELCOME_MAX + 1} characters`],
  ])('not %j with %j', (title, welcome, fault) => {
    const judged = judgeBook({ title, welcome })
    expect(judged.ok ? '' : judged.error).toContain(fault)
  })

  it('takes the longest there may be, counted in code points, as one clean line', () => {
    expect(judgeBook({ title: '👋'.repeat(TITLE_MAX), welcome: ' come\n\tin! ' })).toEqual({
      ok: true,
      value: { title: '👋'.repeat(TITLE_MAX), welcome: 'come in!' },
    })
  })

  it('leaves what it has accepted as it is', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 80 })
    fc.assert(
      fc.property(text, text, (title, welcome) => {
        const judged = judgeBook({ title, welcome })
        if (judged.ok) expect(judgeBook(judged.value)).toEqual(judged)
      })
    )
  })
})
