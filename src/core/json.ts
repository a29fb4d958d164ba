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
  return LONG_NUMBER.test(text) ? parseWith(text, digitsOf) : parseWith(text)
}

const LONG_NUMBER = /\d[\d.]{15}/

function digitsOf(number: number, source: string): unknown {
  return LONG_NUMBER.test(source) && String(number) !== source ? source : number
}

/**
 * The same, for whoever writes it again: every number is written as it came, by JSON.stringify.
 * @returns the value, or undefined when the text is no JSON or nests too deep
 */
export function parseForWriting(text: string): unknown {
  return parseWith(text, (number, source) =>
    JSON.stringify(number) === source ? number : NATIVE.rawJSON(source)
  )
}

/** https://tc39.es/proposal-json-parse-with-source/ which the compiler does not know yet. */
const NATIVE = JSON as unknown as {
  rawJSON(text: string): unknown
  parse(text: string, reviver?: Reviver): unknown
}
type Reviver = (key: string, value: unknown, context: { source: string }) => unknown

function parseWith(text: string, number?: (value: number, source: string) => unknown): unknown {
  if (isTooDeep(text)) return undefined
  const reviver: Reviver | undefined =
    number &&
    ((_, value, { source }) => (typeof value === 'number' ? number(value, source) : value))
  try {
    return NATIVE.parse(text, reviver)
  } catch (cause) {
    if (cause instanceof SyntaxError) return undefined
    throw cause
  }
}
