import { type CSSToken, TokenType } from '@csstools/css-tokenizer'
import { ok, type Result } from '../../lib/result'
import { type Fault, fault } from './faults'
import { isSpace, splitAt } from './tokens'

/*
 * Media queries (https://www.w3.org/TR/mediaqueries-5/) about the width of the window, and about two preferences of the
 * guest.
 */

const LENGTH = String.raw`\d+(?:\.\d+)?(?:px|em|rem)`
const FEATURE = [
  String.raw`\( (?:min-|max-)width : ${LENGTH} \)`,
  String.raw`\( width [<>] = ${LENGTH} \)`,
  String.raw`\( prefers-color-scheme : (?:light|dark) \)`,
  String.raw`\( prefers-reduced-motion : (?:reduce|no-preference) \)`,
].join('|')
const QUERY = new RegExp(`^(?:(?:screen|print) and )?(?:${FEATURE})(?: and (?:${FEATURE})){0,3}$`)
const MEDIUM = /^(?:screen|print)$/
const TOKENS_MAX = 100

/** @param tokens what is between `@media` and `{`. @returns the media queries, or the fault */
export function writeMedia(tokens: CSSToken[]): Result<string, Fault> {
  if (tokens.length > TOKENS_MAX) return fault(tokens[0], 'Make the @media rule shorter.')
  const queries = splitAt(tokens, TokenType.Comma).map((part) =>
    part
      .filter((token) => !isSpace(token))
      .map(mediaPart)
      .join(' ')
  )
  const isAllowed = queries.every((query) => QUERY.test(query) || MEDIUM.test(query))
  return isAllowed ? ok(queries.map(minified).join(',')) : fault(tokens[0], HOW_TO)
}

const HOW_TO =
  'Use only width, prefers-color-scheme, and prefers-reduced-motion. For example: @media (max-width: 40rem) { … }'

function mediaPart(token: CSSToken): string {
  switch (token[0]) {
    case TokenType.Ident:
    case TokenType.Delim:
      return token[4].value.toLowerCase()
    case TokenType.Dimension:
      return `${Number(token[4].value.toFixed(4))}${token[4].unit.toLowerCase()}`
    case TokenType.Colon:
    case TokenType.OpenParen:
    case TokenType.CloseParen:
      return token[1]
    default:
      return '?'
  }
}

/** Writes `width <= 40rem` as `max-width:40rem`, which means the same, because no `<` may be in the result. */
function minified(query: string): string {
  return query
    .replaceAll('width > = ', 'min-width:')
    .replaceAll('width < = ', 'max-width:')
    .replaceAll(' : ', ':')
    .replaceAll('( ', '(')
    .replaceAll(' )', ')')
}
