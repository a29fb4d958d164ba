/**
 * Escapes text and shortens it to fit, without splitting a character or an escape sequence.
 * @param max the maximum length of the result, in UTF-16 code units
 */
export function shorten(text: string, max: number, toEscaped: (text: string) => string): string {
  // Escaping never makes a text shorter, so a longer text is not escaped as a whole.
  const whole = text.length <= max ? toEscaped(text) : null
  if (whole !== null && whole.length <= max) return whole
  let fitting = ''
  for (const char of text) {
    const escaped = toEscaped(char)
    if (fitting.length + escaped.length > max - 1) break
    fitting += escaped
  }
  return `${fitting}…`
}

/**
 * Shortens text so that it fits into a JSON string, without splitting a character.
 * @param max the maximum number of bytes between the quotes, in UTF-8. At least 3
 */
export function shortenToBytes(text: string, max: number): string {
  let bytes = 0
  let end = 0
  for (const char of text) {
    bytes += bytesInJson(char)
    if (bytes > max) return `${text.slice(0, end)}…`
    // Keep room for the ellipsis.
    if (bytes <= max - 3) end += char.length
  }
  return text
}

function bytesInJson(char: string): number {
  const code = char.codePointAt(0) ?? 0
  if (char === '"' || char === '\\' || char === '\n') return 2
  if (code < 0x20 || (code >= 0xd800 && code <= 0xdfff)) return 6
  if (code < 0x80) return 1
  if (code < 0x800) return 2
  return code < 0x10000 ? 3 : 4
}
