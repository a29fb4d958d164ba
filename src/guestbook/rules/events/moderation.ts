import { parseJson } from '../../../kit/lib/json'
import { parseUrl } from '../../../kit/lib/url'
import { textAt } from '../../../webhooks/rules/events/value-at-path'

/*
 * The property `moderation` of `comment.held`. It is stored as null, so the log, backups and searches contain no links.
 * The links are added for each endpoint that may have them.
 */

const HELD = 'comment.held'

/** What the links of an event depend on. */
interface HeldEvent {
  comment_id: string
  /** The origin of the guestbook, as in the other links of the event. */
  origin: string
  /** When the event was published, in epoch milliseconds. */
  at: number
}

/** @returns what the links depend on; null if none are needed, or the payload contains them, as it did until 2026-11 */
export function readHeld(type: string, payload: string): HeldEvent | null {
  if (type !== HELD || PLACE.exec(payload)?.[1] !== 'null') return null
  const event = parseJson(payload)
  const url = parseUrl(textAt(event, 'data.comment.url'))
  if (!url) return null
  return {
    comment_id: textAt(event, 'data.comment.id'),
    origin: url.origin,
    at: Date.parse(textAt(event, 'timestamp')),
  }
}

/** @returns the payload with other links, or with none. Every other byte stays as it is */
export function withModeration(type: string, payload: string, moderation: object | null): string {
  if (type !== HELD) return payload
  return payload.replace(PLACE, () => `,"moderation":${JSON.stringify(moderation)}}}`)
}

/** The last property of the data. Quotes in a text are escaped, so no text of a guest can contain this. */
const PLACE = /,"moderation":(null|\{[^{}]*\})\}\}$/
