import { fitsDouble } from './numbers'
import { catching } from './result'

/** The deepest nesting that is accepted in JSON from external senders. */
export const MAX_DEPTH = 64

/** Names and values in JSON from senders. A megabyte of different names takes 50 times as long as ordinary JSON. */
export const MAX_PARTS = 20_000

/** Checks the nesting before parsing, so that recursive code never overflows the stack. */
export const isTooDeep = (text: string): boolean => exceeds(text, Number.POSITIVE_INFINITY)

/** @returns whether JSON has more names and values than a call may have */
export const hasTooManyParts = (text: string, max: number): boolean => exceeds(text, max)

/** @returns whether JSON from a sender is nested too deeply or has too many names and values to be parsed */
export function isTooComplex(text: string): boolean {
  // The parser rejects other text at its first character.
  return /^\s*["{[\dtfn-]/.test(text) && exceeds(text, MAX_PARTS)
}

const [QUOTE, BACKSLASH, COMMA, COLON] = [0x22, 0x5c, 0x2c, 0x3a]
/** Setting this bit turns the code of a bracket into that of a brace, and leaves a brace unchanged. */
const BRACE_BIT = 0x20
const [OPENING, CLOSING] = [0x7b, 0x7d]

/** Counts brackets, and the commas and colons that separate the parts, in one pass over up to a million characters. */
function exceeds(text: string, maxParts: number): boolean {
  let depth = 0
  let parts = 0
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === QUOTE) at = endOfString(text, at)
    else if (code === COMMA || code === COLON) parts += 1
    else if ((code | BRACE_BIT) === OPENING) depth += 1
    else if ((code | BRACE_BIT) === CLOSING) depth -= 1
    if (depth > MAX_DEPTH || parts > maxParts) return true
  }
  return false
}

/** @returns the position of the closing quote, or the end of the text */
function endOfString(text: string, start: number): number {
  let at = start + 1
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === BACKSLASH) at += 1
    else if (code === QUOTE) break
  }
  return at
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** @returns the value, to read fields of it; nothing for a value that has none */
export function fieldsOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}

/** @returns the value, or undefined if the text is not JSON or is nested too deeply */
export const parseJson = (text: string): unknown => (isTooDeep(text) ? undefined : parseWith(text))

/** A number that a double cannot hold becomes a string: some are IDs. @returns undefined for bad or too complex JSON */
export function parseForReading(text: string): unknown {
  if (isTooComplex(text)) return undefined
  const value = parseWith(text)
  // The regular expressions rely on valid JSON, in which quotes are paired. A reviver would be sixty times slower.
  if (value === undefined || !MAY_HAVE_LONG_NUMBER.test(text)) return value
  return JSON.parse(text.replace(STRING_OR_NUMBER, (token) => (isLongNumber(token) ? `"${token}"` : token)))
}

/** Finds a number with 16 digits, or with an exponent of three. */
const MAY_HAVE_LONG_NUMBER = /\d[\d.]{15}|(?:^|[\s:,[])-?[\d.]+[eE][+-]?\d{3}/
const STRING_OR_NUMBER = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d[\d.eE+-]{4,}/g
const LONG_NUMBER = /^-?(?=[\d.]*[1-9])(?:\d[\d.]{15}|\d[\d.]*[eE][+-]?\d{3})[\d.eE+-]*$/

/** @returns whether the text is a number that `parseForReading` keeps as text: a double would be written differently */
export const isLongNumber = (token: string): boolean => LONG_NUMBER.test(token) && String(Number(token)) !== token

/** `JSON.stringify` then writes numbers as the sender did. @returns undefined for bad or too complex JSON */
export const parseForWriting = (text: string): unknown => (isTooComplex(text) ? undefined : parseAsWritten(text))

/** Like `parseForWriting`, for JSON that has been checked before. @returns undefined if the text is not JSON */
export function parseAsWritten(text: string): unknown {
  const value = parseWith(text)
  // The regular expressions rely on valid JSON: a string without an end would take them quadratic time.
  // The reviver makes it 20 times slower, and few texts need it.
  if (value === undefined || !MAY_BE_REWRITTEN.test(text.replace(STRING, ''))) return value
  return parseWith(text, (_, value, { source }) => {
    const isSame = typeof value !== 'number' || JSON.stringify(value) === source
    return isSame ? value : NATIVE.rawJSON(source)
  })
}

const STRING = /"[^"\\]*(?:\\.[^"\\]*)*"/g
/** Finds a number that `JSON.stringify` may write differently: 16 digits, 1e3, 1.50, 0.0000001 or -0. */
const MAY_BE_REWRITTEN = /\d[\d.]{15}|\d[eE]|\.\d*0(?!\d)|\.0{6}|-0(?![\d.])/

/** @returns the text of a number for which `parseAsWritten` has no double; undefined for any other value */
export const writtenNumber = (value: unknown): string | undefined =>
  NATIVE.isRawJSON(value) ? (value as { rawJSON: string }).rawJSON : undefined

/** @returns the paths of the numbers that a double cannot hold. @param text valid JSON */
export function lostNumbers(text: string): string[] {
  return MAY_HAVE_LONG_NUMBER.test(text) ? findLost(parseAsWritten(text), '') : []
}

function findLost(value: unknown, path: string): string[] {
  const number = writtenNumber(value)
  if (number !== undefined) return fitsDouble(number) ? [] : [path]
  return Object.entries(fieldsOf(value)).flatMap(([key, below]) =>
    findLost(below, path === '' ? key : `${path}.${key}`)
  )
}

/** Missing from TypeScript's types: https://tc39.es/proposal-json-parse-with-source/ */
const NATIVE = JSON as typeof JSON & {
  rawJSON(text: string): unknown
  isRawJSON(value: unknown): boolean
  parse(text: string, reviver?: Reviver): unknown
}
type Reviver = (key: string, value: unknown, context: { source: string }) => unknown

function parseWith(text: string, reviver?: Reviver): unknown {
  return catching(SyntaxError, () => NATIVE.parse(text, reviver))
}
