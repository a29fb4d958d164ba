import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { XMLParser, XMLValidator } from 'fast-xml-parser'
import { describe, expect, it } from 'vitest'
import { toCardSvg } from '../../../../src/guestbook/rules/feeds/card'
import { fitLines, wrap } from '../../../../src/guestbook/rules/feeds/lines'
import { allowed, hostileText } from './samples'

const cells = (text: string) => [...text].map((char) => ({ text: char, width: 1 }))
const frame = readFileSync(join(import.meta.dirname, '../../../../public/card-frame.svg'), 'utf8')
const drawn = (title: string) => toCardSvg({ title, count: 7, signatures: '7 signatures so far' }, frame)

describe('lines', () => {
  it.each([
    ['one two three', 7, ['one two', 'three']],
    ['one two three', 5, ['one', 'two', 'three']],
    ['unbreakable', 4, ['unbr', 'eaka', 'ble']],
    ['a unbreakable', 6, ['a', 'unbrea', 'kable']],
    ['  ', 3, []],
    ['one  two', 3, ['one', 'two']],
  ])('of "%s" in %i columns break at spaces where possible', (text, columns, lines) => {
    expect(wrap(cells(text), columns)).toEqual(lines)
  })

  it('are never wider than allowed, and lose nothing but spaces', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('a', 'b', ' ') }),
        fc.integer({ min: 1, max: 9 }),
        (text, columns) => {
          const lines = wrap(cells(text), columns)
          expect(lines.every((line) => line.length <= columns)).toBe(true)
          expect(lines.join('').replaceAll(' ', '')).toBe(text.replaceAll(' ', ''))
        }
      )
    )
  })

  it('have the largest size in which no word is broken', () => {
    const sizes = [4, 8, 20].map((columns) => ({ columns, lines: 2 })) as [
      { columns: number; lines: number },
      { columns: number; lines: number },
    ]
    expect(fitLines(cells('abc def'), sizes)).toMatchObject({ size: { columns: 4 }, lines: ['abc', 'def'] })
    expect(fitLines(cells('abcde'), sizes)).toMatchObject({ size: { columns: 8 }, lines: ['abcde'] })
    expect(fitLines(cells('x'.repeat(90)), sizes)).toMatchObject({
      size: { columns: 20 },
      lines: [{}, {}].map(() => 'x'.repeat(20)),
    })
  })
})

describe('the card as SVG', () => {
  it('is well-formed and contains the title, for any title', () => {
    fc.assert(
      fc.property(hostileText, (title) => {
        const svg = drawn(title)
        expect(XMLValidator.validate(svg)).toBe(true)
        const { svg: parsed } = new XMLParser({ trimValues: false, parseTagValue: false }).parse(svg)
        expect(parsed.title).toBe(allowed(title))
        // The CSP forbids these, and a picture needs no scripts.
        expect(svg).not.toMatch(/<(script|style|foreignObject|image|a)\b|\sstyle=|\son\w+="|href/)
      })
    )
  })

  it('breaks a long title into lines, but never an emoji sequence', () => {
    const flag = '🏳️‍🌈'
    const svg = drawn(flag.repeat(33))
    const lines = [...svg.matchAll(/fill="url\(#ink\)"[^>]*>([^<]*)</g)].map(([, line = '']) => line)
    expect(lines.length).toBeGreaterThan(1)
    expect(lines.every((line) => line.replaceAll(flag, '') === '')).toBe(true)
    expect(lines.join('')).toBe(flag.repeat(33))
  })

  it('has a bounded size, whatever the title', () => {
    expect(drawn('&'.repeat(100_000)).length).toBeLessThan(600_000)
    expect(drawn(`a${'\u0301'.repeat(100_000)}`).length).toBeLessThan(200_000)
  })
})
