import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { FACE_SLUGS, facePath } from '../../src/guestbook/rules/looks/faces'

const PUBLIC = join(import.meta.dirname, '../../public')
/** A tile, and horizontal lines of pixels: no ids, styles, scripts or text. */
const SHAPE = new RegExp(
  [
    String.raw`^<svg xmlns="http://www\.w3\.org/2000/svg" viewBox="0 -\.5 12 12" shape-rendering="crispEdges">`,
    String.raw`<path fill="#[0-9a-f]{6}" d="M0-\.5h12v12H0z"/>`,
    String.raw`(?:<path stroke="#[0-9a-f]{6}" d="(?:M\d+ \d+h\d+)+"/>)+</svg>\n$`,
  ].join('')
)

const read = (slug: string) => readFileSync(join(PUBLIC, facePath(slug)), 'utf8')

/** Paints the lines of an SVG in order. @returns the color of each pixel, row by row */
function painted(svg: string): string[] {
  const [, ground = ''] = /fill="(.*?)"/.exec(svg) ?? []
  const pixels = Array<string>(12 * 12).fill(ground)
  for (const [, color = '', lines = ''] of svg.matchAll(/stroke="(.*?)" d="(.*?)"/g)) {
    for (const [, x, y, length] of lines.matchAll(/M(\d+) (\d+)h(\d+)/g)) {
      const start = 12 * Number(y) + Number(x)
      pixels.fill(color, start, start + Number(length))
    }
  }
  return pixels
}

it('there is a file for each face, and no other', () => {
  const files = readdirSync(join(PUBLIC, facePath('x'), '..'))
  expect(files.toSorted()).toEqual(FACE_SLUGS.map((slug) => `${slug}.svg`).toSorted())
})

it.each(FACE_SLUGS)('the picture of %s consists of pixels inside its tile, in at most 700 bytes', (slug) => {
  const svg = read(slug)
  expect(svg).toMatch(SHAPE)
  expect(svg.length).toBeLessThanOrEqual(700)
  for (const [, x, y, length] of svg.matchAll(/M(\d+) (\d+)h(\d+)/g)) {
    expect(Number(x) + Number(length)).toBeLessThanOrEqual(12)
    expect(Number(y)).toBeLessThan(12)
  }
})

it('faces differ in at least a quarter of their pixels', () => {
  const faces = FACE_SLUGS.map((slug) => painted(read(slug)))
  for (const [i, first] of faces.entries()) {
    for (const second of faces.slice(i + 1))
      expect(first.filter((color, at) => color !== second[at]).length).toBeGreaterThan(144 / 4)
  }
})
