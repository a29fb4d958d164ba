import { shorten } from '../../../kit/lib/text/shorten'
import { findEventType } from '../../rules/events/catalogue'

/** What most services call the words for people: a commit has a message, an issue a title. */
const WORDS = /"(?:message|title|subject)"\s*:\s*("(?:[^"\\\p{Cc}]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))+")/u
/** In code points. */
const MAX_TITLE = 80

/**
 * @param body_prefix the beginning of the body; null if it contains a secret or has been removed
 * @returns what a request is about, such as "push: Fix the door"; without a type, how its body begins
 */
export function titleOf({
  event_type,
  body_prefix,
}: {
  event_type: string | null
  body_prefix: string | null
}): string {
  const body = body_prefix ?? ''
  // The title of the book says nothing about an event of a guestbook.
  const [, words] = (findEventType(event_type ?? '') ? null : WORDS.exec(body)) ?? []
  const about = words === undefined ? (event_type === null ? body : '') : JSON.parse(words)
  const title = [event_type, about].filter(Boolean).join(': ').replace(/\s+/g, ' ').trim()
  return shorten(title, MAX_TITLE) || 'Request'
}
