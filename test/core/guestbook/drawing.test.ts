import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DRAWING_MAX, drawingSvg, isDrawing } from '../../../src/guestbook/rules/entries/drawing'

const point = fc.tuple(fc.integer({ min: 0, max: 400 }), fc.integer({ min: 0, max: 200 }))
const step = fc.tuple(fc.integer({ min: -99, max: 99 }), fc.integer({ min: -99, max: 99 }))
const stroke = fc
  .record({ start: point, steps: fc.array(step, { maxLength: 20 }) })
  .map(({ start, steps }) => `M${start.join(' ')}${steps.length > 0 ? `l${steps.flat().join(' ')}` : ''}`)

describe('a drawing', () => {
  it('is any number of strokes', () => {
    const strokes = fc.array(stroke, { minLength: 1, maxLength: 10 }).map((all) => all.join(''))
    fc.assert(fc.property(strokes, (text) => isDrawing(text) === text.length <= DRAWING_MAX))
  })

  it.each([
    '',
    'M',
    'M1',
    'l1 1',
    'M1 1L2 2',
    'M1 1l2',
    'M1 1l1 1 ',
    'M1,1',
    'M1 1\n',
    'M1.5 1',
    'M1000 1',
    'M1 1"/><script>',
    'M١ 1',
    `M1 1l${'1 1 '.repeat(2_000)}1 1`,
  ])('is not %j', (text) => {
    expect(isDrawing(text)).toBe(false)
    expect(drawingSvg(text, 'A drawing')).toBe('')
  })

  it('contains nothing but what was checked', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        if (!isDrawing(text)) expect(drawingSvg(text, 'x')).toBe('')
      })
    )
    expect(drawingSvg('M1 2l3 4', 'A drawing')).toMatch(/role="img" aria-label="A drawing".* d="M1 2l3 4"/)
    expect(drawingSvg(null, 'A drawing')).toBe('')
  })
})
