import { type CSSToken, type ParseError, TokenType, tokenize } from '@csstools/css-tokenizer'
import { err, ok, type Result } from '../../lib/result'
import { type Fault, fault, quoted } from './faults'

/*
 * Splits a sheet into tokens (https://www.w3.org/TR/css-syntax-3/#tokenization), and refuses those that no allowed rule
 * contains. The rest of the cleaner works with the decoded values of tokens, so that an escape such as `\75rl` hides
 * nothing from it.
 */

/** Characters that no sheet needs: controls, halves of characters, and those that reverse the order of text. */
export const FORBIDDEN = /[[\p{Cc}--[\t\n\f\r]]\p{Cs}\u202A-\u202E\u2066-\u2069]/v

/** @param text of limited length. @returns the tokens without comments, or the faults */
export function readTokens(text: string): Result<CSSToken[], Fault[]> {
  const index = text.search(FORBIDDEN)
  if (index >= 0) return err([{ at: index, message: 'Remove invisible characters and broken emoji.' }])
  const faults: Fault[] = []
  const onParseError = (error: ParseError) => {
    faults.push({ at: error.sourceStart, message: 'Close the string, comment, or url(), and end no line with \\.' })
  }
  const tokens = tokenize({ css: text }, { onParseError }).filter(isKept)
  for (const token of tokens) {
    const message = REFUSED[token[0]]
    if (message !== undefined) faults.push({ at: token[2], message })
  }
  return faults.length > 0 ? err(faults) : ok(tokens)
}

function isKept(token: CSSToken): boolean {
  return token[0] !== TokenType.Comment && token[0] !== TokenType.EOF
}

const NO_URL = 'Remove url(). A guestbook loads nothing from other places. Use gradients instead of images.'
const NO_HTML_COMMENT = 'Remove <!-- and -->. Write comments like this: /* comment */'
const NO_BRACKETS = 'Remove the [ and ]. Select by class instead of by attribute.'

const REFUSED: Partial<Record<TokenType, string>> = {
  [TokenType.URL]: NO_URL,
  [TokenType.BadURL]: NO_URL,
  [TokenType.BadString]: 'Close the string on the same line.',
  [TokenType.CDO]: NO_HTML_COMMENT,
  [TokenType.CDC]: NO_HTML_COMMENT,
  [TokenType.OpenSquare]: NO_BRACKETS,
  [TokenType.CloseSquare]: NO_BRACKETS,
  [TokenType.UnicodeRange]: 'Remove the range of characters.',
}

export function isSpace(token: CSSToken): boolean {
  return token[0] === TokenType.Whitespace
}

/** True for a single character without a meaning of its own, such as `>`. */
export function isDelim(token: CSSToken | undefined, char: string): boolean {
  return token?.[0] === TokenType.Delim && token[4].value === char
}

/** @returns the tokens without the white space at both ends */
export function trimmed(tokens: CSSToken[]): CSSToken[] {
  const first = tokens.findIndex((token) => !isSpace(token))
  const last = tokens.findLastIndex((token) => !isSpace(token))
  return first < 0 ? [] : tokens.slice(first, last + 1)
}

/** Splits at each token of a type, such as commas. */
export function splitAt(tokens: CSSToken[], type: TokenType): CSSToken[][] {
  const parts: CSSToken[][] = [[]]
  for (const token of tokens) {
    if (token[0] === type) parts.push([])
    else parts.at(-1)?.push(token)
  }
  return parts
}

/** Names of classes, ids, properties and keywords in ASCII. */
const NAME = /^-{0,2}[a-z_][a-z0-9_-]{0,59}$/i

/** @returns a name that needs no escapes, or a fault */
export function readName(token: CSSToken | undefined): Result<string, Fault> {
  if (token?.[0] !== TokenType.Ident && token?.[0] !== TokenType.Hash)
    return fault(token, 'A name is missing here, or it starts with a digit.')
  const { value } = token[4]
  return NAME.test(value)
    ? ok(value)
    : fault(token, `Use only letters, digits, hyphens, and _ in the name ${quoted(value)}.`)
}
