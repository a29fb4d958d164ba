import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DRAWING_MAX, drawingSvg, frameOf, isDrawing } from '../../../../src/guestbook/rules/entries/drawing'

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

  it('is shown without the empty part of its sheet, in its own size', () => {
    expect(drawingSvg('M100 50l80 10 -40 60', 'x')).toContain('viewBox="94 44 92 82" width="92" height="82"')
    // Steps add up within a stroke, and each stroke starts anew.
    expect(frameOf('M300 150l-100 0 -100 0M250 40l0 0')).toBe('94 34 212 122')
    expect(frameOf('M0 0l400 200')).toBe('-6 -6 412 212')
  })

  it('is not shown smaller than a finger, and never larger than its sheet with a margin', () => {
    for (const dot of ['M200 100', 'M200 100l0 0']) expect(frameOf(dot)).toBe('176 76 48 48')
    fc.assert(
      fc.property(fc.array(stroke, { minLength: 1, maxLength: 10 }), (strokes) => {
        const [, , width = 0, height = 0] = frameOf(strokes.join('')).split(' ').map(Number)
        expect([width >= 48, width <= 412, height >= 48, height <= 212]).toEqual([true, true, true, true])
      })
    )
  })
})
