import { cut, shorten } from '../../../kit/lib/text/shorten'

/* A page with many entries shows the beginning of long ones. */

/** When an entry is long. An excerpt is shorter still, so its link never leads to just a few more words. */
const LONG = { characters: 1_500, lines: 40 }
const SHOWN = { characters: 1_000, lines: 30 }

/** @returns the beginning of a long text, which ends where a line or a word ends; null if the text is not long */
export function excerptOf(text: string): string | null {
  const lines = cut(text, LONG.characters).split('\n')
  if (text.length <= LONG.characters && lines.length <= LONG.lines) return null
  const start = lines.slice(0, SHOWN.lines).join('\n')
  if (start.length <= SHOWN.characters) return `${start.trimEnd()}…`
  // A word of one line, such as a long address, is cut if it takes up most of the excerpt.
  const whole = shorten(start, SHOWN.characters)
  const end = whole.search(/\s\S*$/)
  return end < SHOWN.characters / 2 ? whole : `${whole.slice(0, end).trimEnd()}…`
}
