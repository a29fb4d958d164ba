import { linkAt } from './found-links'
import { type Smiley, type SmileyMap, splitSmileys } from './smileys'

/* One line of an entry as a tree of links, smileys, *emphasis*, **strong** and `code`. Markup ends with the line. */

export type Inline =
  | { type: 'text' | 'code'; text: string }
  | { type: 'link'; url: string; text: string }
  | ({ type: 'smiley' } & Smiley)
  | { type: 'em' | 'strong'; inline: Inline[] }
  | { type: 'break' }

export interface InlineOptions {
  links: boolean
  markup: boolean
  /** Null for none. */
  smileys: SmileyMap | null
  /** How many more parts an entry can have. Each place where a part could start counts. */
  left: number
}

/** A star or two, which may start or end a part. */
type Marker = { type: 'marker'; kind: 'em' | 'strong'; canOpen: boolean; canClose: boolean }

type Token = Inline | Marker

/** @param line without line breaks. @returns what it contains, without empty parts. The time is linear in the length */
export function formatLine(line: string, options: InlineOptions): Inline[] {
  const inline = pairMarkers(readTokens(line, options))
  return options.smileys ? withSmileys(inline, options) : inline
}

/** @param markup whether the book has it @returns the words of a line without marks of markup, for titles and lists */
export function unmarked(line: string, markup: boolean): string {
  return wordsOf(formatLine(line, { links: true, markup, smileys: null, left: MAX_UNMARKED }))
}

/** @returns the words of a text without marks of markup and of quotes */
export const unmarkedText = (text: string): string =>
  text.replace(/^> (?=.)/gm, '').replace(/.+/g, (line) => unmarked(line, true))

const MAX_UNMARKED = 1_000

function wordsOf(inline: Inline[]): string {
  return inline.map((one) => ('inline' in one ? wordsOf(one.inline) : 'text' in one ? one.text : '')).join('')
}

/** Where something other than text can start. */
const SPECIAL = /https?:\/\/|`|\*+/gi

function readTokens(line: string, options: InlineOptions): Token[] {
  const tokens: Token[] = []
  let done = 0
  for (SPECIAL.lastIndex = 0; options.left > 0; options.left--) {
    const at = SPECIAL.exec(line)?.index
    if (at === undefined) break
    const { token, length } = tokenAt(line, at, options)
    if (token) {
      addText(tokens, line.slice(done, at))
      tokens.push(token)
      done = at + length
    }
    SPECIAL.lastIndex = at + length
  }
  addText(tokens, line.slice(done))
  return tokens
}

/** @returns what starts there and its length, or the length of the text there if it is only text */
function tokenAt(line: string, at: number, { links, markup }: InlineOptions): { token: Token | null; length: number } {
  const char = line.charAt(at)
  if (char === '*') return markup ? markerAt(line, at) : { token: null, length: 1 }
  if (char === '`') return markup ? codeAt(line, at) : { token: null, length: 1 }
  const link = links ? linkAt(line, at) : null
  if (!link?.url) return { token: null, length: Math.max(link?.text.length ?? 0, 1) }
  return { token: { type: 'link', url: link.url, text: link.text }, length: link.text.length }
}

const CODE = /`([^`]+)`/y

/** A backtick without a second one is searched for once, because it is the last one of the line. */
function codeAt(line: string, at: number): { token: Token | null; length: number } {
  CODE.lastIndex = at
  const [whole = '`', text] = CODE.exec(line) ?? []
  return { token: text === undefined ? null : { type: 'code', text }, length: whole.length }
}

const STARS = /\*+/y
const WORD_START = /^[\p{L}\p{N}_]/u
const WORD_END = /[\p{L}\p{N}_]$/u

/** A part starts before a word and ends after one: `2 * 3 * 4` and `a*b*c` are text. Three or more stars are too. */
function markerAt(line: string, at: number): { token: Marker | null; length: number } {
  STARS.lastIndex = at
  const length = STARS.exec(line)?.[0].length ?? 1
  if (length > 2) return { token: null, length }
  const before = line.slice(Math.max(at - 2, 0), at)
  const after = line.slice(at + length, at + length + 2)
  const canOpen = /^\S/.test(after) && !WORD_END.test(before)
  const canClose = /\S$/.test(before) && !WORD_START.test(after)
  return { token: { type: 'marker', kind: length === 1 ? 'em' : 'strong', canOpen, canClose }, length }
}

/** A part that may turn out to be text. The root has no marker. */
type Open = { kind: Marker['kind'] | null; inline: Inline[] }

/** There is at most one open part of each kind, so parts are nested at most two levels deep. */
function pairMarkers(tokens: Token[]): Inline[] {
  const root: Open = { kind: null, inline: [] }
  const stack = [root]
  for (const token of tokens) {
    if (token.type !== 'marker') append(stack, token)
    else if (stack.some(({ kind }) => kind === token.kind)) closePart(stack, token)
    else if (token.canOpen) stack.push({ kind: token.kind, inline: [] })
    else append(stack, asText(token.kind))
  }
  while (stack.length > 1) dissolve(stack)
  return root.inline
}

function closePart(stack: Open[], { kind, canClose }: Marker): void {
  if (!canClose) {
    append(stack, asText(kind))
    return
  }
  while (stack.at(-1)?.kind !== kind) dissolve(stack)
  const { inline } = stack.pop() as Open
  append(stack, { type: kind, inline })
}

/** Turns the last open part into text, because nothing ends it. */
function dissolve(stack: Open[]): void {
  const { kind, inline } = stack.pop() as Open
  if (kind) append(stack, asText(kind))
  for (const part of inline) append(stack, part)
}

function append(stack: Open[], part: Inline): void {
  const { inline } = stack.at(-1) as Open
  if (part.type === 'text') addText(inline, part.text)
  else inline.push(part)
}

const asText = (kind: Marker['kind']): Inline => ({ type: 'text', text: kind === 'em' ? '*' : '**' })

/** Joins texts that follow each other. */
function addText(list: Token[], text: string): void {
  const last = list.at(-1)
  if (text === '') return
  if (last?.type === 'text') list[list.length - 1] = { type: 'text', text: last.text + text }
  else list.push({ type: 'text', text })
}

/** Next to a link or code, a smiley is not a word of its own. */
function withSmileys(inline: Inline[], options: InlineOptions): Inline[] {
  return inline.flatMap((part, i): Inline[] => {
    if (part.type === 'em' || part.type === 'strong') return [{ ...part, inline: withSmileys(part.inline, options) }]
    if (part.type !== 'text' || !options.smileys || options.left <= 0) return [part]
    const edges = { start: i === 0, end: i === inline.length - 1 }
    const pieces = splitSmileys(part.text, options.smileys, edges, options.left)
    options.left -= pieces.filter(({ type }) => type === 'smiley').length
    return pieces
  })
}
