import { FULL_PERCENT, WARN_AT } from '../../../kit/lib/fullness'
import { parseAsWritten } from '../../../kit/lib/json'
import { spanOf } from '../../../kit/lib/time'
import { CHALLENGE_MS } from '../delivering/outcome'
import {
  type EventData,
  endpointData,
  failing,
  failingExample,
  integer,
  object,
  textOrNull,
  textSchema,
  timeData,
  timeOrNull,
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
    /** Whether its links act for whoever has them, so that only some readers get them. See src/webhooks/program.ts */
    hasLinks?: true
  }
}

/** A page that people can open. */
export type Link = { label: string; url: string }

/** The envelope of every event. Its bytes are stored, signed, and sent. */
export type EventPayload = { id: string; type: string; timestamp: string; data: unknown }

/** Written once, so that every attempt sends the same bytes. @returns well-formed JSON that `dataText` can split */
export function serializePayload(id: string, type: string, now: number, data: unknown): string {
  return JSON.stringify({ id, type, timestamp: new Date(now).toISOString(), data } satisfies EventPayload)
}

/** @param payload one that we serialized. Numbers stay as they were written, see `parseAsWritten` */
export const parsePayload = (payload: string): EventPayload => parseAsWritten(payload) as EventPayload

/** @returns the text of `data`, the last property of a payload, with every number exactly as it was written */
export const dataText = (payload: string): string => payload.slice(payload.indexOf(DATA) + DATA.length, -1)

const DATA = ',"data":'

const all: EventType[] = [
  {
    name: 'endpoint.failing',
    description:
      'Every delivery to another endpoint is failing. Sent after 50% and 90% of the time after which we disable that endpoint.',
    ...endpointData(
      { ...failing, percent: { enum: [50, 90] }, disabled_at: timeData },
      { ...failingExample, percent: 50, disabled_at: '2026-11-26T22:00:00.000Z' }
    ),
  },
  {
    name: 'endpoint.disabled',
    description: 'Another endpoint was disabled: it failed for too long, or responded with 410.',
    ...endpointData({ ...failing, reason: { enum: ['failing', 'gone'] } }, { ...failingExample, reason: 'failing' }),
  },
  {
    name: 'endpoint.recovered',
    description: 'Another endpoint is working again. Its waiting deliveries are being sent.',
    ...endpointData({ ...failing, failing_since: timeOrNull }, failingExample),
  },
  {
    name: 'delivery.failed',
    description: 'A delivery to another endpoint failed permanently. You can retry it.',
    ...endpointData(
      {
        message: object({ id: textSchema, type: textSchema }),
        reason: { enum: ['schedule_spent', 'gone', 'blocked'] },
        attempt_count: integer,
      },
      {
        message: { id: 'msg_01JD9Z6Y3T8W5Q7R2K4M6N8P0C', type: 'comment.published' },
        reason: 'schedule_spent',
        attempt_count: 10,
      }
    ),
  },
  {
    name: 'inbound.received',
    description: 'A source that publishes events has received a webhook. Says whether the sender was verified.',
    // `body` is JSON, `body_base64` anything else; both are null above 64 KB. `body_url` opens the body for anyone.
    schema: object({
      inbound_id: textSchema,
      source: object({ id: textSchema, name: textSchema }),
      provider: textSchema,
      event_type: textOrNull,
      delivery_id: textOrNull,
      verified: { type: 'boolean' },
      received_at: timeData,
      content_type: textOrNull,
      size: integer,
      body: {},
      body_base64: textOrNull,
      body_url: textSchema,
    }),
    example: {
      inbound_id: 'in_01JD9Z6Y3T8W5Q7R2K4M6N8P0D',
      source: { id: 'src_01JD9Z6Y3T8W5Q7R2K4M6N8P0E', name: 'My repository' },
      provider: 'github',
      event_type: 'star',
      delivery_id: '72d3162e-cc78-11e3-81ab-4c9367dc0958',
      verified: true,
      received_at: '2026-11-24T10:00:00.000Z',
      content_type: 'application/json',
      size: 74,
      body: { action: 'created', sender: { login: 'ada' }, repository: { full_name: 'ada/engine' } },
      body_base64: null,
      body_url: 'https://guestbook.example.com/api/inbound/in_01JD9Z6Y3T8W5Q7R2K4M6N8P0D/body?key=5f0a',
    },
  },
  {
    name: 'storage.warning',
    description:
      `The database is ${WARN_AT.slice(0, -1).join(', ')} or ${FULL_PERCENT}% full. ` +
      `From ${FULL_PERCENT}% on, new entries, webhooks and registrations are refused.`,
    schema: object({
      percent: { enum: [...WARN_AT] },
      size_bytes: integer,
      limit_bytes: integer,
      is_full: { type: 'boolean' },
    }),
    example: { percent: 70, size_bytes: 350_000_000, limit_bytes: 500_000_000, is_full: false },
  },
  {
    name: 'endpoint.verify',
    description: `Asks a newly registered URL whether it accepts events. Respond with the challenge within ${spanOf(CHALLENGE_MS)}.`,
    schema: object({ challenge: textSchema, event_types: { type: 'array', items: textSchema } }),
    example: { challenge: '5f2b8c1e9a7d4036b1c2d3e4f5a60718', event_types: ['comment.published'] },
  },
  {
    name: 'endpoint.link_requested',
    description:
      'Somebody tried to register this URL again. The event contains a link; whoever reads it can create a new private link.',
    schema: object({ renew_url: textSchema, expires_at: timeData }),
    example: {
      renew_url: 'https://guestbook.example.com/webhooks/renew/renew_ep_01JH...',
      expires_at: '2026-01-31T13:00:00.000Z',
    },
  },
  {
    name: 'ping',
    description: 'Sent by the test button to check that a receiver responds.',
    schema: object({ text: textSchema }),
    example: { text: 'Hello from your guestbook!' },
  },
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

const RESERVED_PREFIXES = ['endpoint.', 'delivery.', 'inbound.', 'storage.']

/** True for names that are reserved: built-in types, and names that start like one. Owners cannot define these. */
export function isReserved(name: string): boolean {
  const own = all.filter((type) => type.own).map((type) => `${type.name.split('.')[0]}.`)
  return findEventType(name) !== undefined || [...own, ...RESERVED_PREFIXES].some((start) => name.startsWith(start))
}
