/*
 * What text of people may hold, whatever it is for.
 */

/** Tab and line feed are text; the other controls, and characters that turn the direction of what follows, are not. */
const CONTROLS = /[\p{Cc}--[\t\n]]/v
const BIDI_CONTROLS = /[\u202A-\u202E\u2066-\u2069]/

/** @returns what is wrong with the characters, in words that go after "Your name "; null when nothing is */
export function unicodeFault(text: string): string | null {
  if (!text.isWellFormed())
    return 'holds half a character (a lone surrogate). Paste it again as plain text.'
  if (CONTROLS.test(text))
    return 'holds invisible control characters. Paste it again as plain text.'
  if (BIDI_CONTROLS.test(text)) {
    return 'holds characters that turn the direction of text. Remove them, or type it again.'
  }
  return null
}

/** Letters, digits, punctuation or symbols leave ink; fillers, joiners and marks with nothing to stand on do not. */
export function isBlank(text: string): boolean {
  return !/[[\p{L}\p{N}\p{P}\p{S}]--[\p{Default_Ignorable_Code_Point}\u2800]]/v.test(text)
}

/** @param max in code points. @returns as `unicodeFault` */
export function lengthFault(text: string, max: number): string | null {
  const { length } = [...text]
  return length > max ? `has ${length} characters; up to ${max} fit.` : null
}

/** One line: NFC, trimmed, white space as single spaces. */
export function cleanLine(text: string): string {
  return text
    .normalize('NFC')
    .replace(/[\t\n\r\f\v ]+/g, ' ')
    .trim()
}
