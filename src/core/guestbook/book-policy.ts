import { err, ok, type Result } from '../lib/result'
import { oneLine, readText } from './text'

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
  const title = readText(input.title, oneLine, TITLE_MAX)
  if (!title.ok) return err(`The title ${title.error}`)
  const welcome = readText(input.welcome, oneLine, WELCOME_MAX)
  if (!welcome.ok) return err(`The welcome message ${welcome.error}`)
  return ok({ title: title.value, welcome: welcome.value })
}
