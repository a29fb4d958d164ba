import type { Link } from '../../catalogue'
import { shortenForFormat } from './shorten'

/* Texts for services that recognize mentions in them. */

/** The title, the text and the links as one text. Only the text is shortened. */
export function plainText({ title, text, end }: { title: string; text: string; end: string }, max: number): string {
  const start = title.trim() && `${shortenForFormat(title.trim(), 250, quiet)}\n\n`
  const rest = end && `\n\n${end}`
  return `${start}${shortenForFormat(text.trim(), max - start.length - rest.length, quiet)}${rest}`.trim() || '–'
}

/** A word joiner after each @, which is invisible, so that services do not recognize a mention. */
export const quiet = (text: string): string => text.replaceAll('@', '@\u2060')

/** Control characters take up six bytes in JSON, and nobody can read them. */
export const visible = (text: string): string => text.replace(/[\p{Cc}--[\n]]/gv, ' ')

const HTML: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', '\n': '<br>' }

/** @returns HTML that shows the text, with its line breaks */
export const escapeHtml = (text: string): string => text.replace(/[&<>"\n]/g, (char) => HTML[char] ?? char)

export const asLine = ({ label, url }: Link): string => `${label}: ${url}`
