// Draws the card of each theme, which social networks show beside a link to a book: public/cards/{theme}.png, an open
// guestbook in the colors of the theme by day, of 240 by 126 large pixels. usage: node scripts/build/cards.mjs
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { crc32, deflateSync } from 'node:zlib'
import { ROOT } from '../lib/node.mjs'

const [WIDTH, HEIGHT] = [240, 126]
/** How many pixels of the file a pixel of the drawing is wide and high. */
const SCALE = 5
const NAMES = ['sky', 'line', 'paper', 'edge', 'card', 'title', 'mark', 'led', 'led-ink', 'ink']

const STAR = ['....#....', '...###...', '#########', '.#######.', '..#####..', '.###.###.', '.#.....#.']

/** @returns the PNG of a theme. @param css of the guestbook page, and then of the theme */
export function drawCard(css) {
  const canvas = new Uint8Array(WIDTH * HEIGHT)
  const fill = (name, x, y, width, height) => {
    const color = NAMES.indexOf(name)
    for (let row = y; row < y + height; row++) canvas.fill(color, row * WIDTH + x, row * WIDTH + x + width)
  }
  drawFrame(fill)
  drawStars(fill)
  drawBook(fill)
  drawCounter(fill)
  return toPng(
    canvas,
    NAMES.map((name) => colorOf(css, name))
  )
}

/** Diagonal stripes, and a sheet of paper with a ridge around it. */
function drawFrame(fill) {
  for (let y = 0; y < HEIGHT; y++) {
    for (let x = 0; x < WIDTH; x++) fill((x + y) % 12 < 10 ? 'sky' : 'line', x, y, 1, 1)
  }
  for (const [inset, color] of ['edge', 'line', 'edge', 'paper'].entries()) {
    fill(color, 10 + 2 * inset, 8 + 2 * inset, 220 - 4 * inset, 110 - 4 * inset)
  }
}

function drawStars(fill) {
  for (const left of [94, 116, 138]) {
    for (const [y, row] of STAR.entries()) {
      for (const [x, pixel] of [...row].entries()) if (pixel === '#') fill('mark', left + x, 19 + y, 1, 1)
    }
  }
}

/** An open book with lines of writing. */
function drawBook(fill) {
  fill('mark', 77, 35, 90, 56)
  fill('title', 74, 32, 90, 56)
  fill('card', 78, 36, 40, 48)
  fill('card', 120, 36, 40, 48)
  for (const left of [82, 124]) {
    for (const [i, width] of [31, 26, 32, 19, 29, 24, 12].entries()) fill('ink', left, 41 + i * 6, width, 1)
  }
}

/** The counter is switched off, because the same picture shows any number of entries. */
function drawCounter(fill) {
  for (let digit = 0; digit < 6; digit++) {
    fill('edge', 90 + digit * 10, 95, 9, 13)
    fill('led', 91 + digit * 10, 96, 7, 11)
    fill('led-ink', 93 + digit * 10, 101, 3, 1)
  }
}

/** @returns what a custom property is by day, such as `#0b7a75` */
function colorOf(css, name) {
  const [, value = ''] = [...css.matchAll(new RegExp(`--${name}:\\s*([^;]+);`, 'g'))].at(-1) ?? []
  const reference = /^var\(--(?!accent)([\w-]+)\)|^var\(--accent, var\(--([\w-]+)/.exec(value)?.slice(1).find(Boolean)
  if (reference) return colorOf(css, reference)
  const color = /#[\da-f]{6}/.exec(value)?.[0]
  if (!color) throw new Error(`--${name} is not a color: ${value}`)
  return color
}

/** An indexed picture with 4 bits for each pixel (https://www.w3.org/TR/png-3/). */
function toPng(canvas, colors) {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(WIDTH * SCALE, 0)
  header.writeUInt32BE(HEIGHT * SCALE, 4)
  header.set([4, 3], 8)
  const palette = Buffer.from(colors.join('').replaceAll('#', ''), 'hex')
  const data = Buffer.concat(Array.from({ length: HEIGHT * SCALE }, (_, y) => rowOf(canvas, Math.floor(y / SCALE))))
  const chunks = [chunk('IHDR', header), chunk('PLTE', palette), chunk('IDAT', deflateSync(data, { level: 9 }))]
  return Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), ...chunks, chunk('IEND', Buffer.alloc(0))])
}

/** @returns a row of the file: no filter, and then two pixels in each byte */
function rowOf(canvas, y) {
  const at = (x) => canvas[y * WIDTH + Math.floor(x / SCALE)]
  return Buffer.from([0, ...Array.from({ length: (WIDTH * SCALE) / 2 }, (_, i) => (at(2 * i) << 4) | at(2 * i + 1))])
}

function chunk(type, data) {
  const [length, checksum, content] = [Buffer.alloc(4), Buffer.alloc(4), Buffer.concat([Buffer.from(type), data])]
  length.writeUInt32BE(data.length)
  checksum.writeUInt32BE(crc32(content))
  return Buffer.concat([length, content, checksum])
}

const folder = join(ROOT, 'public')
const read = (file) => readFileSync(join(folder, file), 'utf8')
mkdirSync(join(folder, 'cards'), { recursive: true })
for (const file of readdirSync(join(folder, 'themes'))) {
  const png = drawCard(read('guestbook.css') + read(`themes/${file}`))
  writeFileSync(join(folder, 'cards', file.replace(/css$/, 'png')), png)
}
