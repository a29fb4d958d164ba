import fc from 'fast-check'
import { expect, it } from 'vitest'
import { accentCss, isColor, luminanceOf } from '../../../../src/guestbook/rules/looks/accent'
import { SURFACE_LUMINANCE } from '../../../../src/guestbook/rules/looks/themes'

function variants(color: string): number[] {
  const [, day = '', night = ''] = /--accent:light-dark\((#\w{6}),(#\w{6})\)/.exec(accentCss(color)) ?? []
  return [day, night].map((one) => luminanceOf([1, 3, 5].map((at) => Number.parseInt(one.slice(at, at + 2), 16))))
}

const color = fc.integer({ min: 0, max: 0xffffff }).map((value) => `#${value.toString(16).padStart(6, '0')}`)

it('an accent can be read by day and by night, whatever color the owner has chosen', () => {
  fc.assert(
    fc.property(color, (chosen) => {
      expect(isColor(chosen)).toBe(true)
      const [day = 1, night = 0] = variants(chosen)
      expect((SURFACE_LUMINANCE.day + 0.05) / (day + 0.05)).toBeGreaterThanOrEqual(7)
      expect((night + 0.05) / (SURFACE_LUMINANCE.night + 0.05)).toBeGreaterThanOrEqual(7)
      // White text by day, and black text by night.
      expect(1.05 / (day + 0.05)).toBeGreaterThanOrEqual(7)
      expect((night + 0.05) / 0.05).toBeGreaterThanOrEqual(7)
    })
  )
})

it('a color that can be read is not changed', () => {
  expect(accentCss('#7a0040')).toContain('light-dark(#7a0040,')
})

it.each(['', 'red', '#fff', '#12345g', '#1234567', 'url(x)', '#000000;}'])('%j is not a color', (text) => {
  expect(isColor(text)).toBe(false)
})
