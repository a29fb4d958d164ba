import { shorten } from '../../../kit/lib/text/shorten'
import { element, xmlText } from './markup'

/* The button with which other pages link to a guestbook. In the late 90s, such buttons had 88 by 31 pixels. */

export const BUTTON = { width: 88, height: 31 } as const

/** The widest text that fits beside the star, in pixels, and about how wide a character is. */
const TEXT_WIDTH = 58
const CHAR_WIDTH = 5.2

/** @param frame public/button-frame.svg @returns the button of a book: an SVG without references to other files */
export function drawButton(title: string, frame: string): string {
  const shown = shorten(title, 24)
  const isLong = [...shown].length * CHAR_WIDTH > TEXT_WIDTH
  const fit = isLong ? { textLength: TEXT_WIDTH, lengthAdjust: 'spacingAndGlyphs' } : {}
  const text = element('text', { x: 55, y: 13, fill: '#fff', ...fit }, xmlText(shown))
  return frame
    .replace('</g>', () => `${text}</g>`)
    .replace('<path', () => `${element('title', {}, xmlText(title))}<path`)
}

/** @returns the HTML with which other pages show the button as a link to the book */
export function buttonHtml(book: { url: string; image: string; alt: string }): string {
  return element('a', { href: book.url }, element('img', { src: book.image, ...BUTTON, alt: book.alt }))
}
