/** What comes from outside may nest no deeper than this. */
export const MAX_DEPTH = 64

/** Counts brackets outside strings, in one pass, so that nothing that recurses later meets a nest that it cannot leave. */
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

/** @returns the value, or undefined when the text is no JSON or nests too deep */
export function parseJson(text: string): unknown {
  return parseWith(text)
}

/**
 * The same, for whoever reads values out of it: a number with more digits than a double holds, as some senders use for ids, is a text of its digits.
 * @returns the value, or undefined when the text is no JSON or nests too deep
 */
export function parseForReading(text: string): unknown {
  const value = parseJson(text)
  // Only what is JSON is looked through: its quotes come in pairs. A reviver would take sixty times as long.
  if (value === undefined || !LONG_NUMBER.test(text)) return value
  return JSON.parse(text.replace(STRING_OR_NUMBER, quoteIfLost))
}

const LONG_NUMBER = /\d[\d.]{15}/
const STRING_OR_NUMBER = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d[\d.eE+-]{15,}/g

function quoteIfLost(token: string): string {
  const isKept = token.startsWith('"') || !LONG_NUMBER.test(token)
  return isKept || String(Number(token)) === token ? token : `"${token}"`
}

/**
 * The same, for whoever writes it again: every number is written as it came, by JSON.stringify. It takes a while: for what is not long.
 * @returns the value, or undefined when the text is no JSON or nests too deep
 */
export function parseForWriting(text: string): unknown {
  return parseWith(text, (_, value, { source }) => {
    const isSame = typeof value !== 'number' || JSON.stringify(value) === source
    return isSame ? value : NATIVE.rawJSON(source)
  })
}

/** https://tc39.es/proposal-json-parse-with-source/ which the compiler does not know yet. */
const NATIVE = JSON as unknown as {
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
