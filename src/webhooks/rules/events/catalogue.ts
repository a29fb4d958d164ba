import { FULL_PERCENT, WARN_AT } from '../../../kit/lib/fullness'
import { spanOf } from '../../../kit/lib/time'
import { CHALLENGE_MS } from '../delivering/outcome'
import {
  COMMENT_HELD,
  COMMENT_PUBLISHED,
  COMMENT_REMOVED,
  DELIVERY_FAILED,
  ENDPOINT_DISABLED,
  ENDPOINT_FAILING,
  ENDPOINT_LINK_REQUESTED,
  ENDPOINT_RECOVERED,
  ENDPOINT_VERIFY,
  type EventData,
  INBOUND_RECEIVED,
  PING,
  STORAGE_WARNING,
} from './event-data'

/**
 * The guestbook's event types. Tests validate the payloads that we send against these schemas, the test button sends
 * the examples, and the API reference is generated from both.
 */
export interface EventType extends EventData {
  name: string
  description: string
}

/** The envelope of every event. Its bytes are stored, signed, and sent. */
export interface Payload {
  id: string
  type: string
  timestamp: string
  data: unknown
}

/**
 * Serializes an event once, when it is accepted, so that every attempt sends the same bytes.
 * @param now epoch milliseconds
 * @returns well-formed JSON, which `dataText` can split
 */
export function serializePayload(id: string, type: string, now: number, data: unknown): string {
  return JSON.stringify({ id, type, timestamp: new Date(now).toISOString(), data } satisfies Payload)
}

/** @returns the text of `data`, the last property of a payload, with every number exactly as it was written */
export function dataText(payload: string): string {
  return payload.slice(payload.indexOf(DATA) + DATA.length, -1)
}

const DATA = ',"data":'

export const EVENT_TYPES: readonly EventType[] = [
  { name: 'comment.published', description: 'An entry was published on the page.', ...COMMENT_PUBLISHED },
  { name: 'comment.held', description: 'An entry is waiting for approval.', ...COMMENT_HELD },
  {
    name: 'comment.updated',
    description: 'A published entry was changed, or the owner replied to it.',
    ...COMMENT_PUBLISHED,
  },
  { name: 'comment.removed', description: 'An entry was removed from the page.', ...COMMENT_REMOVED },
  {
    name: 'endpoint.failing',
    description:
      'Every delivery to another endpoint is failing. Sent when half of the time before that endpoint is disabled has passed, and again at 90%.',
    ...ENDPOINT_FAILING,
  },
  {
    name: 'endpoint.disabled',
    description: 'Another endpoint was disabled because it failed for too long or responded with 410 Gone.',
    ...ENDPOINT_DISABLED,
  },
  {
    name: 'endpoint.recovered',
    description: 'Another endpoint is working again after a failure. Its pending deliveries are being sent.',
    ...ENDPOINT_RECOVERED,
  },
  {
    name: 'delivery.failed',
    description: 'A delivery to another endpoint failed permanently. It can be retried manually.',
    ...DELIVERY_FAILED,
  },
  {
    name: 'inbound.received',
    description:
      'A source that publishes events has received a webhook. Includes the content, and whether the sender was verified.',
    ...INBOUND_RECEIVED,
  },
  {
    name: 'storage.warning',
    description:
      `The database is ${WARN_AT.slice(0, -1).join(', ')} or ${FULL_PERCENT}% full. ` +
      `From ${FULL_PERCENT}% on, guests, webhooks and registrations are refused.`,
    ...STORAGE_WARNING,
  },
  {
    name: 'endpoint.verify',
    description: `Asks a newly registered URL to confirm that it accepts events. Respond with the challenge within ${spanOf(CHALLENGE_MS)}.`,
    ...ENDPOINT_VERIFY,
  },
  {
    name: 'endpoint.link_requested',
    description:
      'Somebody registers a URL that is registered already. The link in the event makes a new private link, so only those who can read the events of the URL get one.',
    ...ENDPOINT_LINK_REQUESTED,
  },
  { name: 'ping', description: 'Sent by the test button to check that a receiver responds.', ...PING },
]

/**
 * True for events that report the health of endpoints. An endpoint never receives such events about itself, and a
 * failed delivery of such an event never causes another one.
 */
export function isOperational(type: string): boolean {
  return type === 'delivery.failed' || type.startsWith('endpoint.')
}

/** True for events that are sent to one URL because of its registration, so no endpoint can subscribe to them. */
export function isAboutRegistration(type: string): boolean {
  return type === 'endpoint.verify' || type === 'endpoint.link_requested'
}

export function findEventType(name: string): EventType | undefined {
  return EVENT_TYPES.find((type) => type.name === name)
}

/** True for the guestbook's own events about comments. Only these have a comment and a book that we wrote. */
export function isAboutComment(type: string): boolean {
  return type.startsWith('comment.') && findEventType(type) !== undefined
}

const RESERVED_PREFIXES = ['comment.', 'endpoint.', 'delivery.', 'inbound.']

/** True for names that are reserved for the guestbook. Owners cannot define event types with these names. */
export function isReserved(name: string): boolean {
  return findEventType(name) !== undefined || RESERVED_PREFIXES.some((start) => name.startsWith(start))
}
