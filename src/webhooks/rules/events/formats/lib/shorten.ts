/** Escapes text, and shortens it to `max` UTF-16 code units, without splitting a character or an escape sequence. */
export function shortenForFormat(text: string, max: number, toEscaped: (text: string) => string): string {
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
