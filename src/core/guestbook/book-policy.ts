import { err, ok, type Result } from '../lib/result'
import { cleanLine, isBlank, lengthFault, unicodeFault } from './text'

/** In code points. */
export const TITLE_MAX = 60
export const WELCOME_MAX = 200

export interface BookInput {
  title: string
  welcome: string
}

/**
 * What a book may be called, and how it may greet: a line each. The title goes into every event, so it is as strict as a comment.
 * @returns both cleaned, or the first thing that is wrong, in words
 */
export function judgeBook(input: BookInput): Result<BookInput, string> {
  const book = { title: cleanLine(input.title), welcome: cleanLine(input.welcome) }
  const fault =
    lineFault('The title', book.title, TITLE_MAX) ??
    lineFault('The welcome', book.welcome, WELCOME_MAX)
  return fault === null ? ok(book) : err(fault)
}

function lineFault(label: string, text: string, max: number): string | null {
  const fault =
    unicodeFault(text) ??
    (isBlank(text) ? 'is empty. Write something that can be seen.' : null) ??
    lengthFault(text, max)
  return fault && `${label} ${fault}`
}
