import { inflateSync } from 'node:zlib'
import fc from 'fast-check'
import { XMLParser, XMLValidator } from 'fast-xml-parser'
import { describe, expect, it } from 'vitest'
import { cellsOf, glyphOf } from '../../../../src/core/feeds/card/font'
import { toCardPng } from '../../../../src/core/feeds/card/pixels'
import { toPng } from '../../../../src/core/feeds/card/png'
import { toCardSvg } from '../../../../src/core/feeds/card/svg'
import { fitLines, wrap } from '../../../../src/core/feeds/card/wrap'
import { allowed, hostileText } from '../samples'
import { readPng } from './read-png'

const cells = (text: string) => [...text].map((char) => ({ text: char, width: 1 }))
const card = (title: string, count = 7) => ({ title, count, signatures: `${count} signatures so far` })

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

describe('the pixel font', () => {
  it('draws all of ASCII, each character differently', () => {
    const ascii = Array.from({ length: 95 }, (_, i) => String.fromCharCode(0x20 + i))
    const drawn = ascii.map((char) => JSON.stringify(glyphOf(char)))
    expect(drawn).not.toContain('null')
    expect(new Set(drawn).size).toBe(95)
    for (const char of ascii.slice(1)) expect(glyphOf(char)?.length).toBeGreaterThan(0)
  })

  it.each(['Füße', 'ÀÉÎÕÜŐČÇ', 'àéîõüåőčçąíï', '“Ça va?” – ¡Olé!…', 'Smørrebrød æ Łódź'])('draws %s', (text) => {
    expect(cellsOf(text)).not.toBeNull()
  })

  it.each(['私', 'שלום', 'Привет', '🎉', 'a\u0488', '\u0000', '\ud800'])('does not draw %j', (text) => {
    expect(cellsOf(`Hi ${text}`)).toBeNull()
  })

  it('puts an accent above a letter without changing the letter', () => {
    const [plain, accented] = [glyphOf('E') ?? [], glyphOf('E\u0301') ?? []]
    expect(accented.slice(0, plain.length)).toEqual(plain)
    expect(accented.slice(plain.length).every(([, y]) => y < 0)).toBe(true)
  })
})

describe('a PNG', () => {
  it('has the pixels of the picture, each repeated', async () => {
    const picture = {
      width: 3,
      height: 2,
      pixels: Uint8Array.of(0, 1, 2, 2, 1, 0),
      colors: ['#ff0000', '#00ff00', '#0000ff'],
    }
    const { width, height, pixels } = readPng(await toPng(picture, 3), inflateSync)
    expect([width, height]).toEqual([9, 6])
    const rows = ['rrrgggbbb', 'bbbgggrrr'].flatMap((row) => [row, row, row]).join('')
    const letters: Record<string, string> = { '#ff0000': 'r', '#00ff00': 'g', '#0000ff': 'b' }
    expect(pixels.map((color) => letters[color]).join('')).toBe(rows)
  })
})

describe('the card as PNG', () => {
  it('shows the title and the count in 1200 by 630 pixels', async () => {
    const [one, other, later] = await Promise.all(
      [card('Summer'), card('Winter'), card('Summer', 8)].map(async (it) => readPng(await toCardPng(it), inflateSync))
    )
    expect([one?.width, one?.height]).toEqual([1_200, 630])
    const differences = (a?: { pixels: string[] }, b?: { pixels: string[] }) =>
      new Set(a?.pixels.flatMap((color, i) => (color === b?.pixels[i] ? [] : [Math.floor(i / 1_200 / 5)])))
    const titleRows = [...differences(one, other)]
    expect(titleRows.length).toBeGreaterThan(5)
    expect(titleRows.every((row) => row > 20 && row < 86)).toBe(true)
    expect([...differences(one, later)].every((row) => row >= 88)).toBe(true)
    expect(differences(one, later).size).toBeGreaterThan(0)
  })

  it('is a drawing of a book if the font lacks a character of the title', async () => {
    const [japanese, russian, latin] = await Promise.all(
      ['私の本', 'Книга', 'Book'].map((title) => toCardPng(card(title)))
    )
    expect(japanese).toEqual(russian)
    expect(japanese).not.toEqual(latin)
  })

  it('is a small file for any title', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(hostileText, fc.string({ maxLength: 300 })), async (title) => {
        const png = await toCardPng(card(title))
        expect(png.length).toBeLessThan(10_000)
        expect(readPng(png, inflateSync).width).toBe(1_200)
      }),
      { numRuns: 5 }
    )
  })
})

describe('the card as SVG', () => {
  it('is well-formed and contains the title, for any title', () => {
    fc.assert(
      fc.property(hostileText, (title) => {
        const svg = toCardSvg(card(title))
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
    const svg = toCardSvg(card(flag.repeat(33)))
    const lines = [...svg.matchAll(/fill="url\(#ink\)"[^>]*>([^<]*)</g)].map(([, line = '']) => line)
    expect(lines.length).toBeGreaterThan(1)
    expect(lines.every((line) => line.replaceAll(flag, '') === '')).toBe(true)
    expect(lines.join('')).toBe(flag.repeat(33))
  })

  it('has a bounded size, whatever the title', () => {
    expect(toCardSvg(card('&'.repeat(100_000))).length).toBeLessThan(600_000)
    expect(toCardSvg(card(`a${'\u0301'.repeat(100_000)}`)).length).toBeLessThan(200_000)
  })
})
