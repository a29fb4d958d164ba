import { type CSSToken, TokenType } from '@csstools/css-tokenizer'
import { ok, type Result } from '../../lib/result'
import { FUNCTIONS, UNITS } from './allowed'
import { type Fault, fault, quoted } from './faults'
import { FORBIDDEN, isDelim, isSpace, readName } from './tokens'

/*
 * Writes values of declarations from the decoded tokens. There is a space between any two tokens, except around commas
 * and inside parentheses. So two tokens never join to one that was not there, as in `url` + `(`, or `/` + `*`.
 */

const DEPTH_MAX = 8

/** @param property shows the fault if there is no value. @returns the value without needless spaces, or the fault */
export function writeValue(tokens: CSSToken[], property: CSSToken | undefined): Result<string, Fault> {
  let css = ''
  let depth = 0
  let previous: CSSToken | undefined
  for (const token of tokens) {
    if (isSpace(token)) continue
    const piece = writeToken(token, previous)
    if (!piece.ok) return piece
    depth += opens(token) ? 1 : closes(token) ? -1 : 0
    if (depth < 0) return fault(token, 'Remove the ) that closes nothing.')
    if (depth > DEPTH_MAX) return fault(token, `Use at most ${DEPTH_MAX} parentheses inside each other.`)
    css += needsSpace(previous, token) ? ` ${piece.value}` : piece.value
    previous = token
  }
  if (depth > 0) return fault(previous, 'Add the missing ).')
  return previous ? ok(css) : fault(property, 'Add a value after the colon.')
}

function opens(token: CSSToken | undefined): boolean {
  return token?.[0] === TokenType.Function || token?.[0] === TokenType.OpenParen
}

function closes(token: CSSToken): boolean {
  return token[0] === TokenType.CloseParen
}

function needsSpace(previous: CSSToken | undefined, token: CSSToken): boolean {
  if (!previous || opens(previous) || closes(token)) return false
  return previous[0] !== TokenType.Comma && token[0] !== TokenType.Comma
}

function writeToken(token: CSSToken, previous: CSSToken | undefined): Result<string, Fault> {
  if (previous?.[0] === TokenType.Function && previous[4].value.toLowerCase() === 'var') return writeVariable(token)
  switch (token[0]) {
    case TokenType.Ident:
      return readName(token)
    case TokenType.Function:
      return writeFunction(token, token[4].value.toLowerCase())
    case TokenType.Hash:
      return writeColor(token, token[4].value.toLowerCase())
    case TokenType.String:
      return writeString(token, token[4].value)
    case TokenType.Number:
      return writeNumber(token, token[4].value, '')
    case TokenType.Percentage:
      return writeNumber(token, token[4].value, '%')
    case TokenType.Dimension:
      return writeDimension(token, token[4].value, token[4].unit.toLowerCase())
    case TokenType.OpenParen:
    case TokenType.CloseParen:
    case TokenType.Comma:
      return ok(token[1])
    default:
      return writeOperator(token)
  }
}

/** What follows `var(` must be the name of a custom property. */
function writeVariable(token: CSSToken): Result<string, Fault> {
  const name = readName(token)
  return name.ok && name.value.startsWith('--') ? name : fault(token, 'Write variables like this: var(--my-color)')
}

function writeFunction(token: CSSToken, name: string): Result<string, Fault> {
  return FUNCTIONS.has(name)
    ? ok(`${name}(`)
    : fault(token, `Remove the function ${quoted(name)}. It is not supported.`)
}

function writeColor(token: CSSToken, digits: string): Result<string, Fault> {
  const isColor = /^(?:[0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})$/.test(digits)
  return isColor ? ok(`#${digits}`) : fault(token, 'Write colors like this: #0b7a75')
}

const NUMBER_MAX = 100_000

/** Four decimals are enough for every unit, and keep the number from being written with an exponent. */
function writeNumber(token: CSSToken, value: number, unit: string): Result<string, Fault> {
  if (!(Math.abs(value) <= NUMBER_MAX)) return fault(token, `Use numbers up to ${NUMBER_MAX.toLocaleString('en')}.`)
  const rounded = Number(value.toFixed(4))
  return ok(`${Object.is(rounded, -0) ? 0 : rounded}${unit}`)
}

function writeDimension(token: CSSToken, value: number, unit: string): Result<string, Fault> {
  return UNITS.has(unit) ? writeNumber(token, value, unit) : fault(token, `Remove the unit ${quoted(unit)}.`)
}

/** Without the characters `<` and `>`, no string can end the style element of a page. */
function writeString(token: CSSToken, value: string): Result<string, Fault> {
  if (FORBIDDEN.test(value)) return fault(token, 'Remove the invisible characters from the string.')
  return ok(`"${value.replace(/["\\<>\n\f\r]/g, (char) => `\\${char.charCodeAt(0).toString(16)} `)}"`)
}

function writeOperator(token: CSSToken): Result<string, Fault> {
  const operator = ['/', '*', '+', '-'].find((char) => isDelim(token, char))
  return operator ? ok(operator) : fault(token, `Remove ${quoted(token[1])} from the value.`)
}
