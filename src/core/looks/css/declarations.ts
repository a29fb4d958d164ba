import { type CSSToken, TokenType } from '@csstools/css-tokenizer'
import { ok, type Result } from '../../lib/result'
import { PROPERTIES } from './allowed'
import { type Fault, fault, quoted } from './faults'
import { isDelim, isSpace, readName, splitAt, trimmed } from './tokens'
import { writeValue } from './values'

/** @param tokens what is between the braces of a rule. @returns the result of each declaration */
export function writeDeclarations(tokens: CSSToken[]): Result<string, Fault>[] {
  return splitAt(tokens, TokenType.Semicolon)
    .map(trimmed)
    .filter((declaration) => declaration.length > 0)
    .map(writeDeclaration)
}

function writeDeclaration(tokens: CSSToken[]): Result<string, Fault> {
  const [first] = tokens
  const name = readProperty(first)
  if (!name.ok) return name
  const rest = trimmed(tokens.slice(1))
  if (rest[0]?.[0] !== TokenType.Colon) return fault(first, `Add a colon after ${quoted(name.value)}.`)
  const { value, important } = splitImportant(rest.slice(1))
  const css = writeValue(value, first)
  if (!css.ok) return css
  const message = restriction(name.value, css.value, value)
  return message === null ? ok(`${name.value}:${css.value}${important}`) : fault(first, message)
}

/** Names of custom properties are case-sensitive. @returns the name as written, or that of a property in lowercase */
function readProperty(token: CSSToken | undefined): Result<string, Fault> {
  if (token?.[0] !== TokenType.Ident) return fault(token, 'Start each declaration with the name of a property.')
  const name = readName(token)
  if (!name.ok || name.value.startsWith('--')) return name
  const property = name.value.toLowerCase()
  return PROPERTIES.has(property)
    ? ok(property)
    : fault(token, `Remove the property ${quoted(property)}. It is not supported.`)
}

function splitImportant(tokens: CSSToken[]): { value: CSSToken[]; important: '' | '!important' } {
  const bare = tokens.filter((token) => !isSpace(token))
  const last = bare.at(-1)
  const isImportant =
    last?.[0] === TokenType.Ident && last[4].value.toLowerCase() === 'important' && isDelim(bare.at(-2), '!')
  return isImportant ? { value: bare.slice(0, -2), important: '!important' } : { value: tokens, important: '' }
}

/*
 * These properties can put a box over everything else, or show text. Their values are spelled out, because a variable
 * could hide them.
 */
const POSITION = /^(?:static|relative|absolute)$/i
const LAYER = /^(?:auto|-1|\d{1,2}|100)$/i

/** @returns the message, or null if the property may have the value */
function restriction(property: string, css: string, tokens: CSSToken[]): string | null {
  if (property === 'position' && !POSITION.test(css)) return 'Use position: static, relative, or absolute.'
  if (property === 'z-index' && !LAYER.test(css)) return 'Use a z-index from -1 to 100.'
  if (property === 'content' && !tokens.every(isContent)) return 'Use only strings and counter() in content.'
  return null
}

function isContent(token: CSSToken): boolean {
  return token[0] !== TokenType.Function || ['counter', 'counters'].includes(token[4].value.toLowerCase())
}
