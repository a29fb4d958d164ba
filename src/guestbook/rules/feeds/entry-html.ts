import { type FormatOptions, formatEntry, type Inline, type TextBlock } from '../looks/formatting'
import { escaped } from './markup'

/**
 * Concatenates strings, because JSX is too slow for hundreds of entries. @param pre whether the text is a drawing of
 * characters, in which nothing is a smiley or markup @returns the text of an entry as HTML
 */
export function wordsOf(text: string, options: FormatOptions, pre = false): string {
  // A wide drawing is scrolled, with the keyboard as well. A parser drops the first line break.
  if (pre) return `<pre dir="ltr" tabindex="0">\n${escaped(text)}</pre>`
  let written = ''
  for (const block of formatEntry(text, options)) written += blockOf(block)
  return written
}

const PLAIN = { links: false, markup: false, smileys: false }

/** @returns the welcome text as HTML: like an entry if those have markup; otherwise nothing is a link or a smiley */
export function welcomeHtml(text: string, options: FormatOptions): string {
  return wordsOf(text, options.markup ? options : PLAIN)
}

function blockOf({ type, inline }: TextBlock): string {
  const name = type === 'quote' ? 'blockquote' : 'p'
  return `<${name} dir="auto">${partsOf(inline)}</${name}>`
}

function partsOf(inline: Inline[]): string {
  let written = ''
  for (const part of inline) written += partOf(part)
  return written
}

function partOf(part: Inline): string {
  switch (part.type) {
    case 'text':
      return escaped(part.text)
    case 'break':
      return '<br>'
    case 'code':
      return `<code dir="auto">${escaped(part.text)}</code>`
    case 'smiley':
      return `<span title="${escaped(part.text)}">${escaped(part.emoji)}</span>`
    case 'link':
      return linkTo(part.url, escaped(part.text), 'dir="auto"')
    default:
      return `<${part.type}>${partsOf(part.inline)}</${part.type}>`
  }
}

/** @param content markup @param attributes markup @returns a link by a guest, which search engines do not follow */
export function linkTo(href: string, content: string, attributes: string): string {
  return `<a href="${escaped(href)}" rel="nofollow ugc noopener" ${attributes}>${content}</a>`
}
