import { type CSSToken, TokenType } from '@csstools/css-tokenizer'
import { err, ok, type Result } from '../../lib/result'
import { writeDeclarations } from './declarations'
import { type Fault, fault, quoted } from './faults'
import { writeMedia } from './media'
import { writeSelectors } from './selectors'
import { isSpace, trimmed } from './tokens'

/*
 * Reads rules and writes the clean ones. There are only two levels, so nothing here is recursive: style rules, and
 * `@media` around style rules.
 */

const RULES_MAX = 500

interface Reader {
  tokens: CSSToken[]
  position: number
  rules: number
  faults: Fault[]
}

/** @returns the clean sheet without white space that it does not need, or all faults */
export function writeSheet(tokens: CSSToken[]): Result<string, Fault[]> {
  const reader: Reader = { tokens, position: 0, rules: 0, faults: [] }
  let css = ''
  for (let next = peek(reader); next; next = peek(reader)) {
    css += next[0] === TokenType.AtKeyword ? writeAtRule(reader, next[4].value) : writeRule(reader)
  }
  return reader.faults.length > 0 ? err(reader.faults) : ok(css)
}

/** Skips white space. @returns the next token, or undefined at the end */
function peek(reader: Reader): CSSToken | undefined {
  let token = reader.tokens[reader.position]
  while (token && isSpace(token)) token = reader.tokens[++reader.position]
  return token
}

function writeRule(reader: Reader): string {
  const start = peek(reader)
  const prelude = takeUntil(reader, TokenType.OpenCurly)
  const body = prelude && takeUntil(reader, TokenType.CloseCurly)
  if (!prelude || !body) return ''
  reader.rules += 1
  if (reader.rules > RULES_MAX) return stop(reader, start, `Use at most ${RULES_MAX} rules.`)
  const selectors = written(reader, writeSelectors(trimmed(prelude)), start)
  const declarations = writeDeclarations(body).map((declaration) => written(reader, declaration, start))
  return declarations.length > 0 ? `${selectors}{${declarations.join(';')}}` : ''
}

function writeAtRule(reader: Reader, name: string): string {
  const start = peek(reader)
  if (name.toLowerCase() !== 'media') return stop(reader, start, `Remove ${quoted(`@${name}`)}. It is not supported.`)
  reader.position += 1
  const prelude = takeUntil(reader, TokenType.OpenCurly)
  if (!prelude) return ''
  const queries = written(reader, writeMedia(trimmed(prelude)), start)
  const rules = writeRulesInside(reader, start)
  return rules === '' ? '' : `@media ${queries}{${rules}}`
}

/** Reads the rules of a media rule, and its closing brace. */
function writeRulesInside(reader: Reader, start: CSSToken | undefined): string {
  let css = ''
  for (let next = peek(reader); next?.[0] !== TokenType.CloseCurly; next = peek(reader)) {
    if (!next) return stop(reader, start, 'Close the block with }.')
    if (next[0] === TokenType.AtKeyword) return stop(reader, next, 'Put no @ rule inside @media.')
    css += writeRule(reader)
  }
  reader.position += 1
  return css
}

const IN_PRELUDE: Partial<Record<TokenType, string>> = {
  [TokenType.CloseCurly]: 'Remove the } that closes nothing.',
  [TokenType.Semicolon]: 'Remove the ; that is outside a rule.',
  [TokenType.AtKeyword]: 'Put no @ into a selector.',
}

const IN_BODY: Partial<Record<TokenType, string>> = {
  [TokenType.OpenCurly]: 'Close the rule above with }. A rule cannot contain another rule.',
  [TokenType.AtKeyword]: 'Close the rule above with }. A rule cannot contain an @ rule.',
}

/**
 * Takes the tokens up to a brace, and the brace. A brace or semicolon inside parentheses counts too: the parentheses
 * are then not balanced, for which the rule is refused.
 * @returns the tokens, or null after a fault in the structure, which ends the reading
 */
function takeUntil(reader: Reader, end: TokenType.OpenCurly | TokenType.CloseCurly): CSSToken[] | null {
  const start = reader.position
  const misplaced = end === TokenType.OpenCurly ? IN_PRELUDE : IN_BODY
  for (let at = start; at < reader.tokens.length; at++) {
    const token = reader.tokens[at] as CSSToken
    const message = misplaced[token[0]]
    if (message !== undefined) stop(reader, token, message)
    if (message !== undefined) return null
    if (token[0] !== end) continue
    reader.position = at + 1
    return reader.tokens.slice(start, at)
  }
  stop(reader, reader.tokens[Math.max(start - 1, 0)], end === TokenType.OpenCurly ? NO_OPENING : NO_CLOSING)
  return null
}

const NO_OPENING = 'Add a { after the selector.'
const NO_CLOSING = 'Close the rule with }.'

/** Adds the fault of a part. @returns the written part, or nothing */
function written(reader: Reader, part: Result<string, Fault>, start: CSSToken | undefined): string {
  if (part.ok) return part.value
  reader.faults.push({ message: part.error.message, at: part.error.at ?? start?.[2] ?? null })
  return ''
}

/** Ends the reading, because what follows cannot be understood. */
function stop(reader: Reader, token: CSSToken | undefined, message: string): '' {
  reader.faults.push(fault(token, message).error)
  reader.position = reader.tokens.length
  return ''
}
