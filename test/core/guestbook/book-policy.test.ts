import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { judgeBook, TITLE_MAX, WELCOME_MAX } from '../../../src/core/guestbook/book-policy'

describe('the settings of a book', () => {
  it.each([
    ['', 'x', 'The title is empty'],
    ['  ', 'x', 'The title is empty'],
    ['\u200b', 'x', 'The title is empty'],
    ['👋'.repeat(TITLE_MAX + 1), 'x', `The title has ${TITLE_MAX + 1} characters`],
    ['a\u0000', 'x', 'The title contains invisible control characters'],
    ['a\u202eb', 'x', 'The title contains characters that change the text direction'],
    ['\ud800', 'x', 'The title contains half a character'],
    ['x', '', 'The welcome message is empty'],
    ['x', 'y'.repeat(WELCOME_MAX + 1), `The welcome message has ${WELCOME_MAX + 1} characters`],
  ])('are rejected with the title %j and the welcome %j', (title, welcome, fault) => {
    const judged = judgeBook({ title, welcome })
    expect(judged.ok ? '' : judged.error).toContain(fault)
  })

  it('accept the longest title in code points, and clean the welcome to one line', () => {
    expect(judgeBook({ title: '👋'.repeat(TITLE_MAX), welcome: ' come\n\tin! ' })).toEqual({
      ok: true,
      value: { title: '👋'.repeat(TITLE_MAX), welcome: 'come in!' },
    })
  })

  it('are unchanged when they are checked again', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 80 })
    let accepted = 0
    fc.assert(
      fc.property(text, text, (title, welcome) => {
        const judged = judgeBook({ title, welcome })
        if (!judged.ok) return
        accepted += 1
        expect(judgeBook(judged.value)).toEqual(judged)
      })
    )
    expect(accepted).toBeGreaterThan(10)
  })
})
