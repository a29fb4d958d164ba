/** The deepest nesting that is accepted in JSON from external senders. */
export const MAX_DEPTH = 64

/** Checks the nesting before parsing, so that recursive code never overflows the stack. Counts brackets in one pass. */
export function isTooDeep(text: string): boolean {
  let depth = 0
  let quoted = false
  for (let at = 0; at < text.length; at++) {
    const char = text[at]
    if (quoted && char === '\\') at += 1
    else if (char === '"') quoted = !quoted
    else if (!quoted && (char === '[' || char === '{')) depth += 1
    else if (!quoted && (char === ']' || char === '}')) depth -= 1
    if (depth > MAX_DEPTH) return true
  }
  return false
}

/** @returns the value, or undefined if the text is not JSON or is nested too deeply */
export function parseJson(text: string): unknown {
  return parseWith(text)
}

/**
 * Parses JSON to read values from it. Some senders use long numbers as IDs, so a number that a double cannot represent
 * becomes a string of its digits.
 * @returns the value, or undefined if the text is not JSON or is nested too deeply
 */
export function parseForReading(text: string): unknown {
  const value = parseJson(text)
  // The regular expression relies on valid JSON, in which quotes are paired. A reviver would be sixty times slower.
  if (value === undefined || !LONG_NUMBER.test(text)) return value
  return JSON.parse(text.replace(STRING_OR_NUMBER, quoteIfLost))
}

const LONG_NUMBER = /\d[\d.]{15}/
const STRING_OR_NUMBER = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d[\d.eE+-]{15,}/g

function quoteIfLost(token: string): string {
  const isShortOrString = token.startsWith('"') || !LONG_NUMBER.test(token)
  return isShortOrString || String(Number(token)) === token ? token : `"${token}"`
}

/**
 * Parses JSON that will be serialized again: `JSON.stringify` then writes every number as the sender wrote it. This is
 * slow, so use it only for short input.
 * @returns the value, or undefined if the text is not JSON or is nested too deeply
 */
export function parseForWriting(text: string): unknown {
  return parseWith(text, (_, value, { source }) => {
    const isSame = typeof value !== 'number' || JSON.stringify(value) === source
    return isSame ? value : NATIVE.rawJSON(source)
  })
}

/** Missing from TypeScript's types: https://tc39.es/proposal-json-parse-with-source/ */
const NATIVE = JSON as typeof JSON & {
  rawJSON(text: string): unknown
  parse(text: string, reviver?: Reviver): unknown
}
type Reviver = (key: string, value: unknown, context: { source: string }) => unknown

function parseWith(text: string, reviver?: Reviver): unknown {
  if (isTooDeep(text)) return undefined
  try {
    return NATIVE.parse(text, reviver)
  } catch (cause) {
    if (cause instanceof SyntaxError) return undefined
    throw cause
  }
}
