import { err, ok, type Result } from '../lib/result'
import { cleanLine, textFault } from './text'

/** Lengths in code points. */
export const TITLE_MAX = 60
export const WELCOME_MAX = 200

interface BookInput {
  title: string
  welcome: string
}

/**
 * Checks a book's title and welcome message, each a single line. The title is part of every event, so the rules are
 * as strict as those for comments.
 * @returns the cleaned values, or the first error message
 */
export function judgeBook(input: BookInput): Result<BookInput, string> {
  const book = { title: cleanLine(input.title), welcome: cleanLine(input.welcome) }
  const titleFault = textFault(book.title, TITLE_MAX)
  if (titleFault) return err(`The title ${titleFault}`)
  const welcomeFault = textFault(book.welcome, WELCOME_MAX)
  return welcomeFault ? err(`The welcome message ${welcomeFault}`) : ok(book)
}
