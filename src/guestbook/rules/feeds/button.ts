import { shorten } from '../../../kit/lib/text/shorten'
import { element, xmlText } from './markup'

/* The button with which other pages link to a guestbook. In the late 90s, such buttons had 88 by 31 pixels. */

export const BUTTON = { width: 88, height: 31 } as const

/** The widest text that fits beside the star, in pixels, and about how wide a character is. */
const TEXT_WIDTH = 58
const CHAR_WIDTH = 5.2

/** @returns the button of a book, as an SVG without references to anything else */
export function drawButton(title: string): string {
  const shown = shorten(title, 24)
  const isLong = [...shown].length * CHAR_WIDTH > TEXT_WIDTH
  const fit = isLong ? ` textLength="${TEXT_WIDTH}" lengthAdjust="spacingAndGlyphs"` : ''
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="88" height="31" viewBox="0 0 88 31" role="img">`,
    `<title>${xmlText(title)}</title>`,
    '<path fill="#0b1440" d="M0 0h88v31H0z"/><path fill="#8fa0ff" d="M0 0h88l-2 2H2v27l-2 2z"/>',
    '<path fill="#040822" d="M88 31H0l2-2h84V2l2-2z"/>',
    '<path fill="#ffe14a" d="m13 5 2.6 6.6 7 .4-5.4 4.5 1.8 6.8L13 19.5 7 23.3l1.8-6.8L3.400 12l7-.4z"/>',
    '<g font-family="Verdana,DejaVu Sans,sans-serif" text-anchor="middle">',
    `<text x="55" y="13" font-size="8" fill="#fff"${fit}>${xmlText(shown)}</text>`,
    '<text x="55" y="24" font-size="8" font-weight="700" fill="#7dff6a">guestbook</text></g></svg>',
  ].join('')
}

/** @returns the HTML with which other pages show the button as a link to the book */
export function buttonHtml(book: { url: string; image: string; alt: string }): string {
  return element('a', { href: book.url }, element('img', { src: book.image, ...BUTTON, alt: book.alt }))
}
