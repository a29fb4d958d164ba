/**
 * The catalogue: what can happen here, as data. Tests hold the payloads we send against these schemas, `test` sends the
 * examples, and the documentation is made from both.
 */
export interface EventType {
  name: string
  description: string
  /** JSON Schema (2020-12) of `data`. */
  schema: Record<string, unknown>
  /** An example of `data`. */
  example: Record<string, unknown>
}

/** What every payload is wrapped in; the bytes of this object are stored, signed and sent. */
export interface Payload {
  id: string
  type: string
  timestamp: string
  data: unknown
}

/** Serialised once, when the message is accepted, and never again. `JSON.stringify` always gives well-formed Unicode. */
export function serialisePayload(id: string, type: string, now: number, data: unknown): string {
  const payload: Payload = { id, type, timestamp: new Date(now).toISOString(), data }
  return JSON.stringify(payload)
}

/** The data of a payload as it was written, no number changed; it is the last of its parts. */
export function dataText(payload: string): string {
  return payload.slice(payload.indexOf(DATA) + DATA.length, -1)
}

const DATA = ',"data":'

const text = { type: 'string' }
const time = { type: 'string', format: 'date-time' }

const comment = {
  type: 'object',
  required: ['id', 'book', 'name', 'website', 'body', 'status', 'url', 'created_at', 'edited_at'],
  properties: {
    id: text,
    book: text,
    name: text,
    website: { type: ['string', 'null'] },
    body: text,
    status: { enum: ['published', 'held', 'hidden', 'spam'] },
    url: text,
    created_at: time,
    edited_at: { type: ['string', 'null'], format: 'date-time' },
  },
}

const book = {
  type: 'object',
  required: ['slug', 'title', 'url'],
  properties: { slug: text, title: text, url: text },
}

const commentSchema = {
  type: 'object',
  required: ['comment', 'book'],
  properties: { comment, book },
}

const commentExample = {
  comment: {
    id: 'cmt_01JD9Z6Y3T8W5Q7R2K4M6N8P0A',
    book: 'main',
    name: 'Ada',
    website: 'https://example.com/',
    body: 'What a lovely corner of the web!',
    status: 'published',
    url: 'https://guestbook.example.com/comments/cmt_01JD9Z6Y3T8W5Q7R2K4M6N8P0A',
    created_at: '2026-11-24T10:00:00.000Z',
    edited_at: null,
  },
  book: { slug: 'main', title: 'My Guestbook', url: 'https://guestbook.example.com/' },
}

function commentEvent(name: string, description: string, status: string): EventType {
  const example = { ...commentExample, comment: { ...commentExample.comment, status } }
  return { name, description, schema: commentSchema, example }
}

const endpoint = {
  type: 'object',
  required: ['id', 'host', 'description'],
  properties: { id: text, host: text, description: text },
}

const lastAttempt = {
  type: 'object',
  required: ['message_id', 'outcome', 'status_code', 'error_class', 'started_at'],
  properties: {
    message_id: text,
    outcome: { enum: ['delivered', 'refused', 'timed_out', 'unreachable', 'blocked'] },
    status_code: { type: ['integer', 'null'] },
    error_class: { type: ['string', 'null'] },
    started_at: time,
  },
}

const endpointExample = {
  endpoint: {
    id: 'ep_01JD9Z6Y3T8W5Q7R2K4M6N8P0B',
    host: 'example.com',
    description: 'The newsletter',
  },
  last_attempt: {
    message_id: 'msg_01JD9Z6Y3T8W5Q7R2K4M6N8P0C',
    outcome: 'refused',
    status_code: 500,
    error_class: 'http_5xx',
    started_at: '2026-11-24T10:00:00.000Z',
  },
}

/** Of an endpoint, to the others: without its URL, which for some receivers is as good as a password. */
function endpointEvent(
  name: string,
  description: string,
  properties: Record<string, unknown>,
  example: Record<string, unknown>
): EventType {
  const schema = {
    type: 'object',
    required: ['endpoint', 'last_attempt', ...Object.keys(properties)],
    properties: { endpoint, last_attempt: lastAttempt, ...properties },
  }
  return { name, description, schema, example: { ...endpointExample, ...example } }
}

const failing = { failing_since: time, consecutive_failures: { type: 'integer' } }
const failingExample = { failing_since: '2026-11-21T22:00:00.000Z', consecutive_failures: 68 }

const maybeText = { type: ['string', 'null'] }

/** `body` (JSON) or `body_base64` (anything else) says what was sent, neither where it is over 64 KB; `body_url` gives the exact bytes, to whoever has the link. */
const inboundSchema = {
  type: 'object',
  required: [
    'inbound_id',
    'source',
    'provider',
    'event_type',
    'delivery_id',
    'verified',
    'received_at',
    'content_type',
    'size',
    'body',
    'body_base64',
    'body_url',
  ],
  properties: {
    inbound_id: text,
    source: { type: 'object', required: ['id', 'name'], properties: { id: text, name: text } },
    provider: text,
    event_type: maybeText,
    delivery_id: maybeText,
    verified: { type: 'boolean' },
    received_at: time,
    content_type: maybeText,
    size: { type: 'integer' },
    body: {},
    body_base64: maybeText,
    body_url: text,
  },
}

const inboundExample = {
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
}

export const EVENT_TYPES: readonly EventType[] = [
  commentEvent('comment.published', 'An entry is on the page now.', 'published'),
  commentEvent('comment.held', 'An entry waits for the owner.', 'held'),
  commentEvent('comment.updated', 'The words of a published entry were changed.', 'published'),
  commentEvent('comment.removed', 'An entry is no longer on the page.', 'hidden'),
  endpointEvent(
    'endpoint.failing',
    'Another endpoint has failed without one success for half, or nine tenths, of the time after which it is disabled.',
    { ...failing, percent: { enum: [50, 90] }, disabled_at: time },
    { ...failingExample, percent: 50, disabled_at: '2026-11-26T22:00:00.000Z' }
  ),
  endpointEvent(
    'endpoint.disabled',
    'Another endpoint was disabled: it failed for too long, or answered 410 Gone.',
    { ...failing, reason: { enum: ['failing', 'gone'] } },
    { ...failingExample, reason: 'failing' }
  ),
  endpointEvent(
    'endpoint.recovered',
    'Another endpoint, which was failing, answered as it should. What waited for it is being sent.',
    { ...failing, failing_since: { type: ['string', 'null'], format: 'date-time' } },
    failingExample
  ),
  endpointEvent(
    'delivery.failed',
    'A message was given up on for another endpoint. It can be sent again by hand.',
    {
      message: {
        type: 'object',
        required: ['id', 'type'],
        properties: { id: text, type: text },
      },
      reason: { enum: ['schedule_spent', 'gone', 'blocked'] },
      attempt_count: { type: 'integer' },
    },
    {
      message: { id: 'msg_01JD9Z6Y3T8W5Q7R2K4M6N8P0C', type: 'comment.published' },
      reason: 'schedule_spent',
      attempt_count: 10,
    }
  ),
  {
    name: 'inbound.received',
    description:
      'A webhook came in at a source that publishes: what it says, and whether it is from whom it says.',
    schema: inboundSchema,
    example: inboundExample,
  },
  {
    name: 'endpoint.verify',
    description:
      'Asks a URL that somebody registers whether it wants to be called: answer with the challenge, within 10 seconds.',
    schema: {
      type: 'object',
      required: ['challenge', 'event_types'],
      properties: { challenge: text, event_types: { type: 'array', items: text } },
    },
    example: { challenge: '5f2b8c1e9a7d4036b1c2d3e4f5a60718', event_types: ['comment.published'] },
  },
  {
    name: 'ping',
    description: 'Sent by the test button, to see whether a receiver answers.',
    schema: { type: 'object', required: ['text'], properties: { text } },
    example: { text: 'Hello from your guestbook!' },
  },
]

/** What tells owners how their endpoints are. Such an event is never about the endpoint that gets it, and its own failure is no event. */
export function isOperational(type: string): boolean {
  return type === 'delivery.failed' || type.startsWith('endpoint.')
}

export function findEventType(name: string): EventType | undefined {
  return EVENT_TYPES.find((type) => type.name === name)
}

/** Families of the guestbook's own events. */
const FAMILIES = ['comment.', 'endpoint.', 'delivery.', 'inbound.']

/** Names that an owner cannot define, since they mean something here. */
export function isReserved(name: string): boolean {
  return findEventType(name) !== undefined || FAMILIES.some((family) => name.startsWith(family))
}
