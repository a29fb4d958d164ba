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

export const EVENT_TYPES: readonly EventType[] = [
  commentEvent('comment.published', 'An entry is on the page now.', 'published'),
  commentEvent('comment.held', 'An entry waits for the owner.', 'held'),
  commentEvent('comment.updated', 'The words of a published entry were changed.', 'published'),
  commentEvent('comment.removed', 'An entry is no longer on the page.', 'hidden'),
  {
    name: 'ping',
    description: 'Sent by the test button, to see whether a receiver answers.',
    schema: { type: 'object', required: ['text'], properties: { text } },
    example: { text: 'Hello from your guestbook!' },
  },
]

export function findEventType(name: string): EventType | undefined {
  return EVENT_TYPES.find((type) => type.name === name)
}
