/*
 * Rules for text that people enter. Error messages are meant to follow a label: "Your name is empty. ...".
 */

/** Control characters other than tab and line feed. */
const CONTROLS = /[\p{Cc}--[\t\n]]/v
const BIDI_CONTROLS = /[\u202A-\u202E\u2066-\u2069]/

/** @returns the error message for characters that are not allowed, or null */
export function unicodeFault(text: string): string | null {
  if (!text.isWellFormed()) return 'contains half a character (a lone surrogate). Paste the text again as plain text.'
  if (CONTROLS.test(text)) return 'contains invisible control characters. Paste the text again as plain text.'
  if (BIDI_CONTROLS.test(text))
    return 'contains characters that change the text direction. Remove them, or type the text again.'
  return null
}

/**
 * True if text contains nothing visible. Letters, digits, punctuation, and symbols are visible. Fillers, joiners, and
 * marks without a base character are not.
 */
function isBlank(text: string): boolean {
  return !/[[\p{L}\p{N}\p{P}\p{S}]--[\p{Default_Ignorable_Code_Point}\u2800]]/v.test(text)
}

/** @param max in code points. @returns the error message, or null */
export function lengthFault(text: string, max: number): string | null {
  const { length } = [...text]
  return length > max ? `has ${length} characters. The maximum is ${max}.` : null
}

/** Checks text that must not be blank. @param max in code points. @returns the error message, or null */
export function textFault(text: string, max: number): string | null {
  return (
    unicodeFault(text) ??
    (isBlank(text) ? 'is empty. Enter at least one visible character.' : null) ??
    lengthFault(text, max)
  )
}

/** @returns the text on one line: NFC, trimmed, each run of white space replaced with one space */
export function cleanLine(text: string): string {
  return text
    .normalize('NFC')
    .replace(/[\t\n\r\f\v ]+/g, ' ')
    .trim()
}
