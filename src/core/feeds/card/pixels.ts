import type { Bytes } from '../../lib/bytes'
import { cellsOf, GLYPH_WIDTH, glyphOf } from './font'
import { toPng } from './png'
import { fitLines, type Size } from './wrap'

/*
 * The card as a picture of large pixels, for social networks, which do not show SVG. It has 240 by 126 pixels, and the
 * file has five times as many.
 */

/** What a card shows. */
export interface Card {
  title: string
  /** How many entries are on the book's page. */
  count: number
  /** The number of entries in words, in the language of the book. */
  signatures: string
}

const WIDTH = 240
const HEIGHT = 126
const SCALE = 5

const COLORS = {
  sky: '#cfe8e4',
  stripe: '#c4e1dc',
  paper: '#fffbea',
  light: '#a8d5cf',
  dark: '#3f726d',
  teal: '#0b7a75',
  navy: '#10215e',
  shadow: '#ffb347',
  soft: '#5a5566',
  black: '#101010',
  gray: '#555555',
  green: '#7dff6a',
  white: '#ffffff',
}
type Color = keyof typeof COLORS
const INDEX = Object.fromEntries(Object.keys(COLORS).map((name, i) => [name, i])) as Record<Color, number>

/** @returns the card as a PNG of 1200 by 630 pixels. A title in a script that the font lacks becomes a drawing. */
export async function toCardPng(card: Card): Promise<Bytes> {
  const canvas = new Canvas()
  drawFrame(canvas)
  canvas.text(['★', ' ', '☆', ' ', '★'], 16, 1, () => 'teal')
  const cells = cellsOf(card.title)
  if (cells) drawTitle(canvas, cells)
  else drawBook(canvas)
  drawCounter(canvas, card.count)
  const words = cellsOf(card.signatures)
  if (words && words.length * GLYPH_WIDTH < WIDTH - 40) canvas.text(words, 105, 1, () => 'soft')
  return toPng({ width: WIDTH, height: HEIGHT, pixels: canvas.pixels, colors: Object.values(COLORS) }, SCALE)
}

class Canvas {
  readonly pixels = new Uint8Array(WIDTH * HEIGHT)

  /** Pixels outside of the picture are left out. */
  rectangle(color: Color, x: number, y: number, width: number, height: number): void {
    const [left, right] = [Math.max(0, x), Math.min(WIDTH, x + width)]
    for (let row = Math.max(0, y); row < Math.min(HEIGHT, y + height); row++) {
      this.pixels.fill(INDEX[color], row * WIDTH + left, row * WIDTH + Math.max(left, right))
    }
  }

  /**
   * Draws a line of text in the middle.
   * @param y the top of the letters
   * @param colorOf the color of a row of the font
   */
  text(cells: string[], y: number, scale: number, colorOf: (row: number) => Color, shift = 0): void {
    const start = Math.floor((WIDTH - (cells.length * GLYPH_WIDTH - 1) * scale) / 2)
    for (const [i, cell] of cells.entries()) {
      for (const [dx, dy] of glyphOf(cell) ?? []) {
        const x = start + (i * GLYPH_WIDTH + dx) * scale
        this.rectangle(colorOf(dy), x + shift, y + dy * scale + shift, scale, scale)
      }
    }
  }
}

/** Diagonal stripes, and a sheet of paper with a ridge around it. */
function drawFrame(canvas: Canvas): void {
  for (let y = 0; y < HEIGHT; y++) {
    for (let x = 0; x < WIDTH; x++) canvas.pixels[y * WIDTH + x] = INDEX[(x + y) % 8 < 4 ? 'sky' : 'stripe']
  }
  const ridge = (inset: number, lit: Color, shaded: Color) => {
    canvas.rectangle(shaded, 10 + inset, 8 + inset, 220 - 2 * inset, 110 - 2 * inset)
    canvas.rectangle(lit, 10 + inset, 8 + inset, 219 - 2 * inset, 109 - 2 * inset)
  }
  ridge(0, 'light', 'dark')
  ridge(1, 'light', 'dark')
  ridge(2, 'dark', 'light')
  ridge(3, 'dark', 'light')
  canvas.rectangle('paper', 14, 12, 212, 102)
}

const SIZES: [Size & { scale: number }, ...(Size & { scale: number })[]] = [
  { scale: 3, columns: 11, lines: 1 },
  { scale: 2, columns: 17, lines: 2 },
  { scale: 1, columns: 34, lines: 4 },
]
/** The height of a line in pixels of the font. */
const LINE_HEIGHT = 12
const TITLE_MIDDLE = 57

function drawTitle(canvas: Canvas, cells: string[]): void {
  const { size, lines } = fitLines(
    cells.map((text) => ({ text, width: 1 })),
    SIZES
  )
  const { scale } = size
  const top = Math.floor(TITLE_MIDDLE - ((lines.length * LINE_HEIGHT - 5) * scale) / 2)
  for (const [i, line] of lines.entries()) {
    const [text, y] = [cellsOf(line) ?? [], top + i * LINE_HEIGHT * scale]
    // Beside the smallest letters, a shadow would be as wide as their strokes.
    if (scale > 1) canvas.text(text, y, scale, () => 'shadow', 1)
    canvas.text(text, y, scale, (row) => (row < 4 ? 'teal' : 'navy'))
  }
}

/** An open book with lines of writing. */
function drawBook(canvas: Canvas): void {
  canvas.rectangle('shadow', 87, 36, 70, 48)
  canvas.rectangle('navy', 85, 34, 70, 48)
  canvas.rectangle('teal', 86, 35, 68, 46)
  canvas.rectangle('white', 89, 38, 30, 39)
  canvas.rectangle('white', 121, 38, 30, 39)
  for (const left of [92, 124]) {
    for (const [i, width] of [24, 20, 23, 17, 22, 14].entries()) canvas.rectangle('navy', left, 43 + i * 6, width, 1)
  }
}

function drawCounter(canvas: Canvas, count: number): void {
  const digits = [...String(count).padStart(6, '0')]
  const start = Math.floor((WIDTH - digits.length * 10) / 2)
  for (const i of digits.keys()) {
    canvas.rectangle('gray', start + i * 10, 88, 9, 13)
    canvas.rectangle('black', start + i * 10 + 1, 89, 8, 12)
  }
  for (const [i, digit] of digits.entries()) {
    for (const [dx, dy] of glyphOf(digit) ?? []) canvas.rectangle('green', start + i * 10 + 2 + dx, 91 + dy, 1, 1)
  }
}
