import {
  type EventData,
  object,
  textOrNull,
  textSchema,
  timeData,
  timeOrNull,
} from '../../../webhooks/rules/events/event-data'
import { ENTRY_STATUSES, type EntryStatus } from '../entries/statuses'

/* JSON Schemas (2020-12) and examples for the `data` in events about entries. */

/** A comment as the API shows it (see guestbook/schemas.ts). A private one has no event. */
const commentSchema = object({
  comment: object({
    id: textSchema,
    book: textSchema,
    name: textSchema,
    website: textOrNull,
    body: textSchema,
    status: { enum: [...ENTRY_STATUSES] },
    url: textSchema,
    created_at: timeData,
    edited_at: timeOrNull,
    answers: { type: 'array', items: object({ question_id: textSchema, question: textSchema, answer: textSchema }) },
    mood: textOrNull,
    place: textOrNull,
    is_private: { const: false },
    pre: { type: 'boolean' },
    drawing: textOrNull,
    reply: { type: ['object', 'null'], properties: { body: textSchema, created_at: timeData } },
    mentioned_on: textOrNull,
  }),
  book: object({ slug: textSchema, title: textSchema, url: textSchema }),
})

/** The data of `comment.removed`: which comment was removed, without its name, website and text. */
const removedSchema = object({
  comment: object({
    id: textSchema,
    book: textSchema,
    status: { enum: ['hidden', 'spam', 'held'] satisfies EntryStatus[] },
    url: textSchema,
    created_at: timeData,
    edited_at: timeOrNull,
  }),
  book: object({ slug: textSchema, title: textSchema, url: textSchema }),
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
  answers: [{ question_id: '964872680', question: 'How did you find me?', answer: 'A webring' }],
  mood: null,
  place: null,
  is_private: false,
  pre: false,
  drawing: null,
  reply: null,
  mentioned_on: null,
}
const bookExample = { slug: 'main', title: 'My Guestbook', url: 'https://guestbook.example.com/' }

export const COMMENT_PUBLISHED: EventData = {
  schema: commentSchema,
  example: { comment: commentExample, book: bookExample },
}

const link = (action: string) => `https://guestbook.example.com/moderate/mod_${action}...`

const linksSchema = object({
  approve_url: textSchema,
  hide_url: textSchema,
  spam_url: textSchema,
  expires_at: timeData,
})

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
