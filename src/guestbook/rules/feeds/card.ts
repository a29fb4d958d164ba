import { contained } from '../../../kit/lib/text/bidi'
import { cut } from '../../../kit/lib/text/shorten'
import { type Cell, fitLines, type Size } from './lines'
import { element, xmlText } from './markup'

/* The card as SVG. public/card-frame.svg has what all cards share. The CSP forbids inline styles, not attributes. */

/** What a card shows. */
export interface SocialCard {
  title: string
  count: number
  /** The number of entries in words, in the language of the book. */
  signatures: string
}

const WIDTH = 1_200
const FONT = "Impact, 'Arial Black', 'DejaVu Sans Condensed', 'Trebuchet MS', sans-serif"
const MONOSPACE = "'Courier New', 'DejaVu Sans Mono', monospace"

/** Most letters of a bold font are narrower than this part of their height. */
const LETTER = 0.62
const ROOM = { width: 1_000, height: 270 }
const LINE_HEIGHT = 1.15

const SIZES = [130, 100, 76, 56, 44].map((points) => ({
  points,
  columns: Math.floor(ROOM.width / (points * LETTER)),
  lines: Math.floor(ROOM.height / (points * LINE_HEIGHT)),
})) as [Size & { points: number }, ...(Size & { points: number })[]]

/** @param frame an SVG of 1200 by 630 pixels. @returns the same SVG, with what the card shows */
export function toCardSvg({ title, count, signatures }: SocialCard, frame: string): string {
  const { size, lines } = fitLines(cellsOf(title), SIZES)
  const top = 285 - ((lines.length - 1) * size.points * LINE_HEIGHT) / 2
  const parts = [
    element('title', {}, xmlText(title)),
    ...lines.flatMap((line, i) => heading(line, top + i * size.points * LINE_HEIGHT, size.points)),
    ...counter(count),
    label(signatures, 534, 30, { fill: '#5a5566', 'font-family': 'Verdana, sans-serif' }),
  ]
  return frame.replace('</svg>', () => `${parts.join('')}</svg>`)
}

/** @param y the middle of the line */
function label(text: string, y: number, points: number, more: Record<string, string | number>): string {
  const middle = { x: WIDTH / 2, y, 'text-anchor': 'middle', 'dominant-baseline': 'central' }
  const attributes = { ...middle, 'font-size': points, 'unicode-bidi': 'plaintext', ...more }
  return element('text', attributes, xmlText(contained(text)))
}

/** A line of the title, and its shadow. */
function heading(text: string, y: number, points: number): string[] {
  const font = { 'font-family': FONT, 'font-weight': 900 }
  const offset = points / 20
  const shadow = { ...font, fill: '#ffb347', transform: `translate(${offset} ${offset})` }
  return [label(text, y, points, shadow), label(text, y, points, { ...font, fill: 'url(#ink)' })]
}

function counter(count: number): string[] {
  const digits = [...String(count).padStart(6, '0')]
  const start = (WIDTH - digits.length * 48) / 2
  return digits.map((digit, i) => {
    const x = start + i * 48
    const box = element('rect', {
      x,
      y: 435,
      width: 44,
      height: 62,
      fill: '#101010',
      stroke: '#555555',
      'stroke-width': 3,
    })
    const font = { x: x + 22, 'font-family': MONOSPACE, 'font-weight': 700, fill: '#7dff6a' }
    return box + label(digit, 467, 46, font)
  })
}

/** Titles are shorter. The limit bounds the time to find the characters. */
const MAX_LENGTH = 200
const WIDE = /[\p{Emoji_Presentation}\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Hangul}\uff01-\uff60]/u

/** @returns what people see as one character each, so that no line break falls into an emoji sequence */
function cellsOf(title: string): Cell[] {
  const graphemes = new Intl.Segmenter().segment(cut(title, MAX_LENGTH))
  return Array.from(graphemes, ({ segment }) => ({ text: segment, width: WIDE.test(segment) ? 2 : 1 }))
}
