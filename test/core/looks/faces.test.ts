import { describe, expect, it } from 'vitest'
import { LANGUAGE_CODES, translator } from '../../../src/core/languages'
import { FACE_SLUGS, isFace } from '../../../src/core/looks/faces'
import { drawPicture } from '../../../src/core/looks/faces/bitmap'
import { CREATURES } from '../../../src/core/looks/faces/creatures'
import { ODDITIES } from '../../../src/core/looks/faces/oddities'
import { PEOPLE } from '../../../src/core/looks/faces/people'

const PICTURES = { ...PEOPLE, ...CREATURES, ...ODDITIES }
const SHAPE = new RegExp(
  [
    String.raw`^<svg xmlns="http://www\.w3\.org/2000/svg" viewBox="0 -\.5 12 12" shape-rendering="crispEdges">`,
    String.raw`<path fill="#[0-9a-f]{6}" d="M0-\.5h12v12H0z"/>`,
    String.raw`(?:<path stroke="#[0-9a-f]{6}" d="(?:M\d+ \d+h\d+)+"/>)+</svg>$`,
  ].join('')
)

/** @returns the file of a face */
function drawn(slug: string): string {
  const picture = PICTURES[slug]
  return picture === undefined ? '' : drawPicture(picture)
}

/** Paints the lines of an SVG in order. @returns the color of each pixel, row by row */
function painted(svg: string): string[][] {
  const [, ground = ''] = /fill="(.*?)"/.exec(svg) ?? []
  const pixels = Array.from({ length: 12 }, () => Array<string>(12).fill(ground))
  for (const [, color = '', lines = ''] of svg.matchAll(/stroke="(.*?)" d="(.*?)"/g)) {
    for (const [, x, y, length] of lines.matchAll(/M(\d+) (\d+)h(\d+)/g))
      pixels[Number(y)]?.fill(color, Number(x), Number(x) + Number(length))
  }
  return pixels
}

describe('the gallery of faces', () => {
  it('has at least 24 faces with slugs', () => {
    expect(FACE_SLUGS.length).toBeGreaterThanOrEqual(24)
    for (const slug of FACE_SLUGS) expect(slug).toMatch(/^[a-z]{3,20}$/)
    expect(FACE_SLUGS).toEqual(Object.keys(PICTURES))
    expect(FACE_SLUGS.every(isFace)).toBe(true)
  })

  it.each(LANGUAGE_CODES)('has a name for each face in the language %s', (code) => {
    const names = translator(code).text('faces').split('|')
    expect(new Set(names).size).toBe(FACE_SLUGS.length)
    expect(names.every((name) => /^\S.*\S$/.test(name) || name.length === 1)).toBe(true)
    const english = translator('en').text('faces').split('|')
    const same = names.filter((name, i) => name === english[i])
    expect(code === 'en' || same.length < 12).toBe(true)
  })

  it.each(FACE_SLUGS)('draws %s as drawn here, in at most 700 bytes', (slug) => {
    const svg = drawn(slug)
    expect(svg).toMatch(SHAPE)
    expect(svg.length).toBeLessThanOrEqual(700)
    const { rows = [], ground = '' } = PICTURES[slug] ?? {}
    expect(rows.map((row) => row.length)).toEqual(Array(12).fill(12))
    const pixels = painted(svg).flat()
    const letters = rows.join('').replaceAll('.', ground)
    const colorOf = new Map([...letters].map((letter, i) => [letter, pixels[i]]))
    expect([...letters].map((letter) => colorOf.get(letter))).toEqual(pixels)
    expect(new Set(colorOf.values()).size).toBe(colorOf.size)
  })

  it('has faces that differ in at least a quarter of their pixels', () => {
    const faces = FACE_SLUGS.map((slug) => painted(drawn(slug)).flat())
    for (const [i, first] of faces.entries()) {
      for (const second of faces.slice(i + 1))
        expect(first.filter((color, at) => color !== second[at]).length).toBeGreaterThan(144 / 4)
    }
  })

  it('has no face for any other word', () => {
    for (const slug of ['', 'Cat', 'toString', '__proto__', 'constructor', 'x'.repeat(1e5)])
      expect(isFace(slug)).toBe(false)
  })
})
