import { WARN_AT } from '../../../kit/lib/fullness'

/* JSON Schemas (2020-12) and examples of the `data` of the engine's events, and what such schemas consist of. */

export type EventData = { schema: Record<string, unknown>; example: Record<string, unknown> }

export const text = { type: 'string' }
export const textOrNull = { type: ['string', 'null'] }
const integer = { type: 'integer' }
export const time = { type: 'string', format: 'date-time' }
export const timeOrNull = { type: ['string', 'null'], format: 'date-time' }

/** The schema for an object whose properties are all required. */
export function object(properties: Record<string, unknown>) {
  return { type: 'object', required: Object.keys(properties), properties }
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

/** `body` is JSON, `body_base64` anything else; both are null above 64 KB. `body_url` opens the body for anyone. */
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
