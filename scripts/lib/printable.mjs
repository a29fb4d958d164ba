/**
 * Replaces characters that control a terminal, or that reverse the text around them, with escapes like \\u202e. Text
 * from guests and receivers is printed only in this form.
 */
export function printable(text) {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, (char) =>
    char === '\n' || char === '\t' ? char : `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`
  )
}
