/*
 * Keeps text that other people wrote from changing the order of the text around it (Unicode Standard Annex #9).
 *
 * The element `bdi` is not enough. Browsers lay out the text inside it together with the rest of its paragraph. So a
 * text could end its own isolation with U+2069 or with a paragraph separator such as U+2029, and then reverse what
 * follows. It could also leave an isolate open.
 */

const FIRST_STRONG_ISOLATE = '\u2068'
const POP_ISOLATE = '\u2069'

/**
 * @returns the text as one line in which every isolate that is opened is also closed, and nothing else is closed. Line
 * breaks, paragraph separators and control characters become spaces
 */
export function contained(text: string): string {
  let open = 0
  const line = text.replace(/[\p{Cc}\p{Zp}]/gu, ' ').replace(/[\u2066-\u2069]/g, (char) => {
    if (char === POP_ISOLATE && open === 0) return ''
    open += char === POP_ISOLATE ? -1 : 1
    return char
  })
  return line + POP_ISOLATE.repeat(open)
}

/** Characters that are written from right to left, and invisible characters that set a direction. */
const CHANGES_DIRECTION =
  /[\u0590-\u08ff\u200e\u200f\u202a-\u202e\u2066-\u2068\ufb1d-\ufdff\ufe70-\ufeff\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u

/** Isolates text where elements are not possible: in titles, attributes, and plain text. */
export function isolated(text: string): string {
  const line = contained(text)
  return CHANGES_DIRECTION.test(line) ? FIRST_STRONG_ISOLATE + line + POP_ISOLATE : line
}

/** Directional characters, and separators that JSON leaves as they are. */
const INVISIBLE = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\u2028\u2029]|[\u0080-\u009f]/g

/** @param json JSON text. @returns the same JSON, in which such characters are visible, as escapes like `\u202e` */
export function escapeInvisible(json: string): string {
  return json.replace(INVISIBLE, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
