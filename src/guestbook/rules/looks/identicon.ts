import { hashOf } from '../../../kit/lib/text/hash'

/*
 * Draws a picture from a name, for guests without another picture. It is a pattern of five by five squares, the left
 * half of which is mirrored. The same name gives the same picture, so that readers recognize a guest. It proves
 * nothing, because anybody can enter any name.
 */

const SIZE = 5
const SQUARE = 8
const MARGIN = 4
/** The left three columns. */
const BITS = 15
/** A pattern with fewer or more of these bits is too empty or too full. It is combined with a chessboard. */
const MIN_SQUARES = 4
const MAX_SQUARES = 11
const CHESSBOARD = 0b101_010_101_010_101

/** Each has a contrast of at least 3:1 to white squares, to a light page, and to a dark page (WCAG 2.2, 1.4.11). */
const COLORS = `
  #c2410c #a16207 #4d7c0f #15803d #0f766e #0e7490 #0b72ad #2563eb
  #6d5bd0 #8250ee #b32bc2 #c9256b #dc2626 #92603a #64748b #5f7a3a
`
  .trim()
  .split(/\s+/)

const START = '<svg class="avatar" viewBox="0 0 48 48" aria-hidden="true" shape-rendering="crispEdges">'

/** Names are much shorter. */
const NAME_MAX = 400

/** @param name case, spaces around it and the form of accents do not matter @returns an SVG without the name */
export function identicon(name: string): string {
  const { color, squares } = identiconOf(name)
  return `${START}<path fill="${color}" d="M0 0h48v48H0z"/><path fill="#fff" d="${squares}"/></svg>`
}

/** @returns the color of the tile, and the path of the white squares on it. Each side has 48 units */
export function identiconOf(name: string) {
  const hash = hashOf(folded(name.slice(0, NAME_MAX)))
  return { color: COLORS[(hash >>> BITS) % COLORS.length] ?? '', squares: squaresOf(patternOf(hash)) }
}

/** Uppercase first, because some letters have several lowercase forms, such as the two sigmas. */
const folded = (name: string): string => name.normalize('NFC').trim().toUpperCase().toLowerCase().normalize('NFC')

function patternOf(hash: number): number {
  const bits = hash & ((1 << BITS) - 1)
  const count = bits.toString(2).replaceAll('0', '').length
  return count < MIN_SQUARES || count > MAX_SQUARES ? bits ^ CHESSBOARD : bits
}

/** Each run of squares in a row is one rectangle. */
function squaresOf(pattern: number): string {
  let path = ''
  for (let y = 0; y < SIZE; y++) {
    for (let x = 0; x < SIZE; ) {
      const start = x
      while (x < SIZE && isSet(pattern, x, y)) x += 1
      const width = SQUARE * (x - start)
      if (width > 0) path += `M${MARGIN + SQUARE * start} ${MARGIN + SQUARE * y}h${width}v${SQUARE}h-${width}z`
      else x += 1
    }
  }
  return path
}

function isSet(pattern: number, x: number, y: number): boolean {
  const column = Math.min(x, SIZE - 1 - x)
  return ((pattern >> (3 * y + column)) & 1) === 1
}
