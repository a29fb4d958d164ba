import { err, ok, type Result } from '../../../kit/lib/result'
import { english } from '../languages'
import { explainTextFault, oneLine, readText } from './text'

/** Lengths in code points. */
export const TITLE_MAX = 60
export const WELCOME_MAX = 200

/** Checks a line by the owner as strictly as comments: a title is in every event. @returns it cleaned, or the fault */
export function judgeLine(label: string, given: string, max: number): Result<string, string> {
  const text = readText(given, oneLine, max)
  return text.ok ? text : err(explainTextFault(english(), label, text.error))
}

export const SLUG_MAX = 40
const SLUG = /^[a-z0-9]+(-[a-z0-9]+)*$/
/** Words that are, or may become, part of an address. */
const RESERVED = ['admin', 'all', 'api', 'assets', 'deleted', 'docs', 'embed', 'feed', 'index', 'new', 'sign', 'static']

/** Checks the slug of a new book. @returns the slug, or the error message */
export function judgeSlug(slug: string): Result<string, string> {
  if (slug.length > SLUG_MAX) return err(`The slug has more than ${SLUG_MAX} characters.`)
  if (!SLUG.test(slug)) return err('Use lowercase letters and digits, with single hyphens between them: summer-party.')
  return RESERVED.includes(slug) ? err(`"${slug}" is reserved. Choose another slug.`) : ok(slug)
}
