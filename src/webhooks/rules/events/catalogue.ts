import { FULL_PERCENT, WARN_AT } from '../../../kit/lib/fullness'
import { spanOf } from '../../../kit/lib/time'
import { CHALLENGE_MS } from '../delivering/outcome'
import {
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

/** A type of event. We send what its schema describes. The test button and the API reference use its example. */
export interface EventType extends EventData {
  name: string
  description: string
  /** What the program knows of its own events: nobody else can have written their data. */
  own?: {
    /** What people read. */
    words(data: unknown): { title: string; text: string }
    /** The pages on which the owner acts, at most three. The last one shows what the event is about. */
    links(data: unknown): Link[]
    /** The book that it is about, for build hooks; its address and the subject, for CloudEvents. */
    about(data: unknown): { book: string; source: string; subject: string }
    /** What a digest says of this many of them. Only for events that wait for the owner. */
    waiting?(count: number): string
    /** Whether its links act for whoever has them, so that only some readers get them. See src/webhooks/events.ts */
    hasLinks?: true
  }
}

/** A page that people can open. */
export type Link = { label: string; url: string }

/** The envelope of every event. Its bytes are stored, signed, and sent. */
export type Payload = { id: string; type: string; timestamp: string; data: unknown }

/** Written once, so that every attempt sends the same bytes. @returns well-formed JSON that `dataText` can split */
export function serializePayload(id: string, type: string, now: number, data: unknown): string {
  return JSON.stringify({ id, type, timestamp: new Date(now).toISOString(), data } satisfies Payload)
}

/** @returns the text of `data`, the last property of a payload, with every number exactly as it was written */
export const dataText = (payload: string): string => payload.slice(payload.indexOf(DATA) + DATA.length, -1)

const DATA = ',"data":'

const all: EventType[] = [
  {
    name: 'endpoint.failing',
    description:
      'Every delivery to another endpoint is failing. This event is sent twice before we disable that endpoint: after 50% and 90% of the time for which it may keep failing.',
    ...ENDPOINT_FAILING,
  },
  {
    name: 'endpoint.disabled',
    description: 'Another endpoint was disabled because it failed for too long or responded with 410 Gone.',
    ...ENDPOINT_DISABLED,
  },
  {
    name: 'endpoint.recovered',
    description: 'Another endpoint is working again after a failure. Its waiting deliveries are being sent.',
    ...ENDPOINT_RECOVERED,
  },
  {
    name: 'delivery.failed',
    description: 'A delivery to another endpoint failed permanently. You can retry it.',
    ...DELIVERY_FAILED,
  },
  {
    name: 'inbound.received',
    description:
      'A source that publishes events has received a webhook. The event includes the content and says whether the sender was verified.',
    ...INBOUND_RECEIVED,
  },
  {
    name: 'storage.warning',
    description:
      `The database is ${WARN_AT.slice(0, -1).join(', ')} or ${FULL_PERCENT}% full. ` +
      `From ${FULL_PERCENT}% on, new entries, webhooks and registrations are refused.`,
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
      'Somebody tried to register this URL again. The event contains a link that creates a new private link. Only someone who can read the events sent to the URL can use it.',
    ...ENDPOINT_LINK_REQUESTED,
  },
  { name: 'ping', description: 'Sent by the test button to check that a receiver responds.', ...PING },
]

/** The program's own types, then those of the engine. */
export const EVENT_TYPES: readonly EventType[] = all

/** Adds the types of the program that uses the engine. Types that are known already are left out. */
export function addEventTypes(types: readonly EventType[]): void {
  all.unshift(...types.filter((type) => !all.includes(type)))
}

/** Reports the health of endpoints. An endpoint gets none about itself, and no event reports that one has failed. */
export const isOperational = (type: string): boolean => type === 'delivery.failed' || type.startsWith('endpoint.')

/** True for events that are sent to one URL because of its registration, so no endpoint can subscribe to them. */
export function isAboutRegistration(type: string): boolean {
  return type === 'endpoint.verify' || type === 'endpoint.link_requested'
}

export const findEventType = (name: string): EventType | undefined => EVENT_TYPES.find((type) => type.name === name)

/** @returns the example of a type, with links to this guestbook. @param origin for links */
export function exampleAt({ example }: Pick<EventType, 'example'>, origin: string): object {
  return JSON.parse(JSON.stringify(example).replaceAll('https://guestbook.example.com', origin))
}

/** @returns what the program knows of such events; undefined for the types of the engine and of the owner */
export const ownPart = (type: string): EventType['own'] => findEventType(type)?.own

const RESERVED_PREFIXES = ['endpoint.', 'delivery.', 'inbound.']

/** True for names that are reserved: built-in types, and names that start like one. Owners cannot define these. */
export function isReserved(name: string): boolean {
  const own = all.filter((type) => type.own).map((type) => `${type.name.split('.')[0]}.`)
  return findEventType(name) !== undefined || [...own, ...RESERVED_PREFIXES].some((start) => name.startsWith(start))
}
