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
  if (isTooDeep(text)) return undefined
  try {
    return JSON.parse(text)
  } catch (cause) {
    if (cause instanceof SyntaxError) return undefined
    throw cause
  }
}
