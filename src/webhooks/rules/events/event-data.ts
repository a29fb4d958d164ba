import { ENTRY_STATUSES, type EntryStatus } from '../../../guestbook/rules/entries/statuses'
import { WARN_AT } from '../../../kit/lib/fullness'

/*
 * JSON Schemas (2020-12) and examples for the `data` in events.
 */

export interface EventData {
  schema: Record<string, unknown>
  example: Record<string, unknown>
}

const text = { type: 'string' }
const textOrNull = { type: ['string', 'null'] }
const integer = { type: 'integer' }
const time = { type: 'string', format: 'date-time' }
const timeOrNull = { type: ['string', 'null'], format: 'date-time' }

/** The schema for an object whose properties are all required. */
function object(properties: Record<string, unknown>) {
  return { type: 'object', required: Object.keys(properties), properties }
}

/** A comment as the API shows it (see guestbook/schemas.ts). A private one has no event. */
const commentSchema = object({
  comment: object({
    id: text,
    book: text,
    name: text,
    website: textOrNull,
    body: text,
    status: { enum: [...ENTRY_STATUSES] },
    url: text,
    created_at: time,
    edited_at: timeOrNull,
    answers: { type: 'array', items: object({ question: text, answer: text }) },
    mood: textOrNull,
    place: textOrNull,
    is_private: { const: false },
    reply: { type: ['object', 'null'], properties: { body: text, created_at: time } },
    mentioned_on: textOrNull,
  }),
  book: object({ slug: text, title: text, url: text }),
})

/** The data of `comment.removed`: which comment was removed, without its name, website and text. */
const removedSchema = object({
  comment: object({
    id: text,
    book: text,
    status: { enum: ['hidden', 'spam', 'held'] satisfies EntryStatus[] },
    url: text,
    created_at: time,
    edited_at: timeOrNull,
  }),
  book: object({ slug: text, title: text, url: text }),
})

const commentExample = {
  id: 'cmt_01JD9Z6Y3T8W5Q7R2K4M6N8P0A',
  book: 'main',
  name: 'Ada',
  website: 'https://example.com/',
  body: 'What a lovely corner of the web!',
  status: 'published',
  url: 'https://guestbook.example.com/comments/cmt_01JD9Z6Y3T8W5Q7R2K4M6N8P0A',
  created_at: '2026-11-24T10:00:00.000Z',
  edited_at: null,
  answers: [{ question: 'How did you find me?', answer: 'A webring' }],
  mood: null,
  place: null,
  is_private: false,
  reply: null,
  mentioned_on: null,
}
const bookExample = { slug: 'main', title: 'My Guestbook', url: 'https://guestbook.example.com/' }

export const COMMENT_PUBLISHED: EventData = {
  schema: commentSchema,
  example: { comment: commentExample, book: bookExample },
}

const link = (action: string) => `https://guestbook.example.com/moderate/mod_${action}...`

const linksSchema = object({ approve_url: text, hide_url: text, spam_url: text, expires_at: time })

/** `moderation` has links that work once, for a week. It is null if SECRETS_KEY is unusable. */
export const COMMENT_HELD: EventData = {
  schema: object({ ...commentSchema.properties, moderation: { ...linksSchema, type: ['object', 'null'] } }),
  example: {
    comment: { ...commentExample, status: 'held' },
    book: bookExample,
    moderation: {
      approve_url: link('approve'),
      hide_url: link('hide'),
      spam_url: link('spam'),
      expires_at: '2026-12-01T10:00:00.000Z',
    },
  },
}

const { id, book, url, created_at, edited_at } = commentExample
const removedExample = { id, book, url, created_at, edited_at }

export const COMMENT_REMOVED: EventData = {
  schema: removedSchema,
  example: { comment: { ...removedExample, status: 'hidden' }, book: bookExample },
}

/** Leaves out the endpoint's URL, because some receivers' URLs are credentials. */
const endpointSchema = {
  endpoint: object({ id: text, host: text, description: text }),
  last_attempt: object({
    message_id: text,
    outcome: { enum: ['delivered', 'refused', 'timed_out', 'unreachable', 'blocked'] },
    status_code: { type: ['integer', 'null'] },
    error_class: textOrNull,
    started_at: time,
  }),
}

const endpointExample = {
  endpoint: { id: 'ep_01JD9Z6Y3T8W5Q7R2K4M6N8P0B', host: 'example.com', description: 'The newsletter' },
  last_attempt: {
    message_id: 'msg_01JD9Z6Y3T8W5Q7R2K4M6N8P0C',
    outcome: 'refused',
    status_code: 500,
    error_class: 'http_5xx',
    started_at: '2026-11-24T10:00:00.000Z',
  },
}

function endpointData(properties: Record<string, unknown>, example: Record<string, unknown>): EventData {
  return { schema: object({ ...endpointSchema, ...properties }), example: { ...endpointExample, ...example } }
}

const failing = { failing_since: time, consecutive_failures: integer }
const failingExample = { failing_since: '2026-11-21T22:00:00.000Z', consecutive_failures: 68 }

export const ENDPOINT_FAILING = endpointData(
  { ...failing, percent: { enum: [50, 90] }, disabled_at: time },
  { ...failingExample, percent: 50, disabled_at: '2026-11-26T22:00:00.000Z' }
)

export const ENDPOINT_DISABLED = endpointData(
  { ...failing, reason: { enum: ['failing', 'gone'] } },
  { ...failingExample, reason: 'failing' }
)

export const ENDPOINT_RECOVERED = endpointData({ ...failing, failing_since: timeOrNull }, failingExample)

export const DELIVERY_FAILED = endpointData(
  {
    message: object({ id: text, type: text }),
    reason: { enum: ['schedule_spent', 'gone', 'blocked'] },
    attempt_count: integer,
  },
  {
    message: { id: 'msg_01JD9Z6Y3T8W5Q7R2K4M6N8P0C', type: 'comment.published' },
    reason: 'schedule_spent',
    attempt_count: 10,
  }
)

export const STORAGE_WARNING: EventData = {
  schema: object({
    percent: { enum: [...WARN_AT] },
    size_bytes: integer,
    limit_bytes: integer,
    is_full: { type: 'boolean' },
  }),
  example: { percent: 70, size_bytes: 350_000_000, limit_bytes: 500_000_000, is_full: false },
}

/**
 * The content is in `body` (JSON) or `body_base64` (anything else). Both fields are null if the content exceeds 64 KB.
 * Anyone who has `body_url` can download the exact bytes.
 */
export const INBOUND_RECEIVED: EventData = {
  schema: object({
    inbound_id: text,
    source: object({ id: text, name: text }),
    provider: text,
    event_type: textOrNull,
    delivery_id: textOrNull,
    verified: { type: 'boolean' },
    received_at: time,
    content_type: textOrNull,
    size: integer,
    body: {},
    body_base64: textOrNull,
    body_url: text,
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
}

export const ENDPOINT_VERIFY: EventData = {
  schema: object({ challenge: text, event_types: { type: 'array', items: text } }),
  example: { challenge: '5f2b8c1e9a7d4036b1c2d3e4f5a60718', event_types: ['comment.published'] },
}

export const ENDPOINT_LINK_REQUESTED: EventData = {
  schema: object({ renew_url: text, expires_at: time }),
  example: {
    renew_url: 'https://guestbook.example.com/webhooks/renew/renew_ep_01JH...',
    expires_at: '2026-01-31T13:00:00.000Z',
  },
}

export const PING: EventData = { schema: object({ text }), example: { text: 'Hello from your guestbook!' } }
