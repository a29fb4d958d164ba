import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { identicon } from '../../../../src/guestbook/rules/looks/identicon'
import { anyText } from '../../../support/arbitraries'
import { contrast } from './contrast'

const SHAPE = new RegExp(
  [
    '^<svg class="avatar" viewBox="0 0 48 48" aria-hidden="true" shape-rendering="crispEdges">',
    '<path fill="(#[0-9a-f]{6})" d="M0 0h48v48H0z"/>',
    String.raw`<path fill="#fff" d="((?:M\d+ \d+h\d+v8h-\d+z)+)"/></svg>$`,
  ].join('')
)

const NAMES = Array.from({ length: 3_000 }, (_, i) => `Guest ${i}`)

function parts(name: string): { color: string; squares: string } {
  const [, color = '', squares = ''] = SHAPE.exec(identicon(name)) ?? []
  return { color, squares }
}

/** The 25 squares as text, row by row. */
function grid(squares: string): string[] {
  const rows = Array.from({ length: 5 }, () => Array<string>(5).fill('.'))
  for (const [, x, y, width] of squares.matchAll(/M(\d+) (\d+)h(\d+)/g)) {
    const start = (Number(x) - 4) / 8
    rows[(Number(y) - 4) / 8]?.fill('#', start, start + Number(width) / 8)
  }
  return rows.map((row) => row.join(''))
}

describe('an identicon', () => {
  it('is a small picture that contains nothing of the name', () => {
    fc.assert(
      fc.property(anyText, (name) => {
        expect(identicon(name)).toMatch(SHAPE)
        expect(identicon(name).length).toBeLessThan(600)
      })
    )
  })

  it('is the same for the same name, however it is written', () => {
    for (const names of [
      ['Zoë', 'Zoe\u0308', '  ZOË '],
      ['Straße', 'STRASSE', 'strasse'],
      ['ΟΔΟΣ', 'οδος', 'οδοσ'],
    ])
      expect(new Set(names.map(identicon)).size).toBe(1)
  })

  it('differs between names', () => {
    expect(new Set(NAMES.map(identicon)).size).toBeGreaterThan(0.98 * NAMES.length)
    expect(identicon('Ada')).not.toBe(identicon('Adb'))
  })

  it('is symmetric, and neither empty nor full', () => {
    for (const name of NAMES) {
      const rows = grid(parts(name).squares)
      expect(rows.map((row) => [...row].reverse().join(''))).toEqual(rows)
      const count = rows.join('').replaceAll('.', '').length
      expect(count).toBeGreaterThanOrEqual(4)
      expect(count).toBeLessThanOrEqual(21)
    }
  })

  it('uses 16 colors, each with enough contrast to its squares and to light and dark pages', () => {
    const colors = [...new Set(NAMES.map((name) => parts(name).color))]
    expect(colors).toHaveLength(16)
    for (const color of colors) {
      for (const other of ['#ffffff', '#fffbea', '#fff5d1', '#0a0f2c', '#10163a'])
        expect({ color, other, isEnough: contrast(color, other) >= 3 }).toMatchObject({ isEnough: true })
    }
  })
})
