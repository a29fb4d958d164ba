/* Cuts a text. Half a character (a lone surrogate) fits no page, database or signature, so no result has one. */

/** @param max in code points. @returns the beginning of the text, well-formed even if the text is not */
export function cut(text: string, max: number): string {
  let end = text.length <= max ? text.length : 0
  for (let left = max; left > 0 && end < text.length; left--) end += (text.codePointAt(end) ?? 0) > 0xffff ? 2 : 1
  return text.slice(0, end).toWellFormed()
}

/** @param max in code points. @returns the text, cut with an ellipsis if it has more */
export function shorten(text: string, max: number): string {
  const start = cut(text, max)
  return start.length === text.length ? start : `${cut(text, max - 1).trimEnd()}…`
}
