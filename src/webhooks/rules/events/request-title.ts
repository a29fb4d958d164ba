import { shorten } from '../../../kit/lib/text/shorten'
import { isReserved } from './catalogue'

/** What most services call the words for people: a commit has a message, of which one line is enough; an issue a title. */
const WORDS = /"(?:message|title|subject)" ?: ?"([^"\\]+)(?:"|\\n)/
/** In code points. */
const MAX_TITLE = 80

type Request = { event_type: string | null; body_prefix: string | null }

/** @param body_prefix null if it has a secret or was removed. @returns for example "push: Fix the door" */
export function requestTitle({ event_type: type, body_prefix }: Request): string {
  const body = body_prefix ?? ''
  // The title of the book says nothing about an event of a guestbook.
  const words = isReserved(type ?? '') ? undefined : WORDS.exec(body)?.[1]
  return shorten([type, words ?? (type === null && body)].filter(Boolean).join(': '), MAX_TITLE) || 'Request'
}
