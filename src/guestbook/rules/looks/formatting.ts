import { formatLine, type Inline, type InlineOptions } from './inline'
import { CLASSIC_SMILEYS, mapSmileys, type Smiley } from './smileys'

/* Turns the text of an entry into a tree, which a page renders with JSX: no HTML, because JSX would escape it. */

export type { Inline } from './inline'
export type TextBlock = { type: 'paragraph' | 'quote'; inline: Inline[] }

export interface FormatOptions {
  /** Whether addresses that start with http:// or https:// become links. */
  links: boolean
  /** Whether guests may write *emphasis*, **strong**, `code`, and quotes in lines that start with "> ". */
  markup: boolean
  /** True for the classic smileys, or the smileys to replace. */
  smileys: boolean | readonly Smiley[]
}

/**
 * Formats an entry in linear time. Without options, the tree contains exactly the text: line breaks, and paragraphs
 * that an empty line separates. @param text plain text with `\n` as line ending
 */
export function formatEntry(text: string, { links, markup, smileys }: FormatOptions): TextBlock[] {
  const options: InlineOptions = { links, markup, smileys: readSmileys(smileys), left: MAX_PARTS }
  return splitQuotes(text, markup).flatMap(({ isQuote, lines }): TextBlock[] => {
    if (isQuote) return [{ type: 'quote', inline: formatLines(lines, options) }]
    return splitParagraphs(lines).map((paragraph) => ({ type: 'paragraph', inline: formatLines(paragraph, options) }))
  })
}

/** Further links, smileys and marks are shown as they were written, so that a page stays small. */
const MAX_PARTS = 100

const CLASSIC = mapSmileys(CLASSIC_SMILEYS)

/** @returns null if smileys stay text */
export function readSmileys(smileys: FormatOptions['smileys']): InlineOptions['smileys'] {
  if (typeof smileys === 'boolean') return smileys ? CLASSIC : null
  return mapSmileys(smileys)
}

type Section = { isQuote: boolean; lines: string[] }

const QUOTE = '> '

/** Splits the text into quotes and what is between them. Empty lines next to a quote only separate it. */
function splitQuotes(text: string, markup: boolean): Section[] {
  const sections: Section[] = []
  for (const line of text.split('\n')) {
    const isQuote = markup && line.startsWith(QUOTE) && line.length > QUOTE.length
    const last = sections.at(-1)
    const content = isQuote ? line.slice(QUOTE.length) : line
    if (last?.isQuote === isQuote) last.lines.push(content)
    else sections.push({ isQuote, lines: [content] })
  }
  if (sections.length < 2) return sections
  return sections.map(({ isQuote, lines }) => ({ isQuote, lines: isQuote ? lines : withoutEmptyEnds(lines) }))
}

function withoutEmptyEnds(lines: string[]): string[] {
  const first = lines.findIndex((line) => line !== '')
  return first < 0 ? [] : lines.slice(first, lines.findLastIndex((line) => line !== '') + 1)
}

/** Splits at an empty line between two others. Any further empty lines stay in the paragraph that they begin or end. */
function splitParagraphs(lines: string[]): string[][] {
  const paragraphs: string[][] = []
  let current: string[] = []
  let hasText = false
  const lastText = lines.findLastIndex((line) => line !== '')
  for (const [i, line] of lines.entries()) {
    if (line === '' && hasText && i < lastText) {
      paragraphs.push(current)
      current = []
      hasText = false
    } else {
      current.push(line)
      hasText ||= line !== ''
    }
  }
  return hasText || current.length > 1 ? [...paragraphs, current] : paragraphs
}

function formatLines(lines: string[], options: InlineOptions): Inline[] {
  const inline: Inline[] = []
  for (const [i, line] of lines.entries()) {
    if (i > 0) inline.push({ type: 'break' })
    inline.push(...formatLine(line, options))
  }
  return inline
}
