import { err, ok, type Result } from '../lib/result'

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

/**
 * The maximum number of combining marks in a row, which is the limit of the Stream-Safe Text Format
 * (https://www.unicode.org/reports/tr15/#Stream_Safe_Text_Format). The time to normalize a run of marks grows with the
 * square of its length.
 */
const MARKS_MAX = 30
/** Text over this multiple of its limit is not cleaned, because it will be too long anyway. */
const FAR_TOO_LONG = 4

/** Checks what must hold before the text is normalized. */
function sizeFault(text: string, max: number): string | null {
  if (text.length > FAR_TOO_LONG * max) return lengthFault(text, max)
  const runs = text.match(/\p{M}+/gu) ?? []
  if (runs.every((run) => run.length <= MARKS_MAX || [...run].length <= MARKS_MAX)) return null
  return `has more than ${MARKS_MAX} accents or other marks on one character. Remove some of them.`
}

function textFault(text: string, max: number): string | null {
  return (
    unicodeFault(text) ??
    (isBlank(text) ? 'is empty. Enter at least one visible character.' : null) ??
    lengthFault(text, max)
  )
}

/**
 * Normalizes, cleans and checks text that must not be blank.
 * @param clean removes white space that does not count
 * @param max in code points
 * @returns the cleaned text in NFC, or the error message
 */
export function readText(given: string, clean: (text: string) => string, max: number): Result<string, string> {
  const size = sizeFault(given, max)
  if (size) return err(size)
  const text = clean(given.normalize('NFC')).trim()
  const fault = textFault(text, max)
  return fault ? err(fault) : ok(text)
}

/** @returns the text on one line: each run of white space is replaced with one space */
export function oneLine(text: string): string {
  return text.replace(/[\t\n\r\f\v ]+/g, ' ')
}
