import { err, ok, type Result } from '../../../kit/lib/result'
import { cut } from '../../../kit/lib/text/shorten'
import type { Translator } from '../languages'
import type { TextKey } from '../languages/en'

/* Rules for text that people enter. The texts of the faults are in public/languages. */

export type TextFault = { key: TextKey & `fault_${string}`; values?: Record<string, number> }

/** @param label the label of the field, in the same language */
export function explainTextFault({ text }: Translator, label: string, { key, values }: TextFault): string {
  return text(key, { ...values, label })
}

/** Control characters other than tab and line feed. */
const CONTROLS = /[\p{Cc}--[\t\n]]/v
const BIDI_CONTROLS = /[\u202A-\u202E\u2066-\u2069]/

/** @returns the fault for characters that are not allowed, or null */
export function unicodeFault(text: string): TextFault | null {
  if (!text.isWellFormed()) return { key: 'fault_surrogate' }
  if (CONTROLS.test(text)) return { key: 'fault_controls' }
  return BIDI_CONTROLS.test(text) ? { key: 'fault_bidi' } : null
}

/** Letters, digits, punctuation and symbols are visible. Fillers, joiners and marks without a base letter are not. */
export function isBlank(text: string): boolean {
  return !/[[\p{L}\p{N}\p{P}\p{S}]--[\p{Default_Ignorable_Code_Point}\u2800]]/v.test(text)
}

/** @param max in code points. @returns the fault, or null */
export function lengthFault(text: string, max: number): TextFault | null {
  const { length } = [...text]
  return length > max ? { key: 'fault_length', values: { length, max } } : null
}

/**
 * The most combining marks in a row, as in the Stream-Safe Text Format
 * (https://www.unicode.org/reports/tr15/#Stream_Safe_Text_Format): normalizing a run of marks takes quadratic time.
 */
const MARKS_MAX = 30
/** Text over this multiple of its limit is not cleaned, because it will be too long anyway. */
const FAR_TOO_LONG = 4

/** Checks what must hold before the text is normalized. */
function sizeFault(text: string, max: number): TextFault | null {
  if (text.length > FAR_TOO_LONG * max) return lengthFault(text, max)
  const runs = text.match(/\p{M}+/gu) ?? []
  if (runs.every((run) => run.length <= MARKS_MAX || [...run].length <= MARKS_MAX)) return null
  return { key: 'fault_marks', values: { max: MARKS_MAX } }
}

function textFault(text: string, max: number): TextFault | null {
  return unicodeFault(text) ?? (isBlank(text) ? { key: 'fault_empty' } : null) ?? lengthFault(text, max)
}

/**
 * Normalizes, cleans and checks a text that must not be blank. @param clean removes white space that does not count
 * @param max in code points @returns the cleaned text in NFC, or what is wrong with it
 */
export function readText(given: string, clean: (text: string) => string, max: number): Result<string, TextFault> {
  const size = sizeFault(given, max)
  if (size) return err(size)
  const text = clean(given.normalize('NFC'))
  const fault = textFault(text, max)
  return fault ? err(fault) : ok(text)
}

const MANY_MARKS = new RegExp(`(\\p{M}{${MARKS_MAX}})\\p{M}+`, 'gu')

/**
 * Removes what `readText` would refuse, for texts whose author cannot be asked to change them.
 * @param max in code points. Much longer texts are cut first, to save time @returns well-formed text in NFC
 */
export function repairText(text: string, max: number): string {
  const start = cut(text, FAR_TOO_LONG * max)
  const safe = start.replace(new RegExp(CONTROLS, 'gv'), '').replace(new RegExp(BIDI_CONTROLS, 'g'), '')
  return safe.replace(MANY_MARKS, '$1').normalize('NFC')
}

/** FNV-1a (https://datatracker.ietf.org/doc/html/draft-eastlake-fnv), over code units instead of bytes. */
const FNV = { prime: 0x01000193, bases: [0x811c9dc5, 0x050c5d1f] }

/** @returns a short hash of a text. It is not secure: anyone can make two texts with the same hash */
export function digestText(text: string): string {
  const lanes = FNV.bases.map((base) => {
    let hash = base
    for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), FNV.prime)
    return (hash >>> 0).toString(36)
  })
  return `${text.length}.${lanes.join('.')}`
}

/** @returns the text on one line: each run of white space is replaced with one space */
export const oneLine = (text: string): string => text.replace(/[\t\n\r\f\v ]+/g, ' ').trim()

/** Keeps all lines and spaces, as a drawing of characters needs them, but no blank lines around it. */
export function keepLines(text: string): string {
  const lines = text.replace(/\r\n?/g, '\n').split('\n')
  const drawn = (line: string) => line.trim() !== ''
  return lines.slice(Math.max(lines.findIndex(drawn), 0), lines.findLastIndex(drawn) + 1).join('\n')
}

/**
 * Keeps the lines of a text, and the spaces at their start, because drawings need them. Removes blank lines at both
 * ends, all but one of several blank lines, and spaces at the end of a line. The lookbehind keeps the search for these
 * spaces from starting again at each space.
 */
export function tidyLines(text: string): string {
  const tidy = text
    .replace(/\r\n?/g, '\n')
    .replace(/(?<![ \t])[ \t]+\n/g, '\n')
    .replace(/\n{3,}/g, '\n\n')
    .trimEnd()
  return tidy.trim().includes('\n') ? tidy.replace(/^(?:\s*\n)?\ufeff*/, '') : tidy.trim()
}
