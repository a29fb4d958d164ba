import type { Link } from '../../catalogue'
import { shorten } from './shorten'

/* Texts for services that recognize mentions in them. */

/** The title, the text and the links as one text. Only the text is shortened. */
export function plainText({ title, text, end }: { title: string; text: string; end: string }, max: number): string {
  const start = title.trim() && `${shorten(title.trim(), 250, quiet)}\n\n`
  const rest = end && `\n\n${end}`
  return `${start}${shorten(text.trim(), max - start.length - rest.length, quiet)}${rest}`.trim() || '–'
}

/** A word joiner after each @, which is invisible, so that services do not recognize a mention. */
export function quiet(text: string): string {
  return text.replaceAll('@', '@\u2060')
}

const HTML: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', '\n': '<br>' }

/** @returns HTML that shows the text, with its line breaks */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"\n]/g, (char) => HTML[char] ?? char)
}

export function asLine({ label, url }: Link): string {
  return `${label}: ${url}`
}
