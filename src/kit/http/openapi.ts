import type { Context, TypedResponse } from 'hono'
import * as z from 'zod'
import type { HonoEnv } from '../../env'
import { DAY_MS, HOUR_MS } from '../lib/time'

/** The validator's messages, as a person who fills in a form reads them, for schemas without a message of their own. */
z.config({ customError: explainIssue })

function explainIssue(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.code === 'too_small' && issue.origin !== 'array') return atLeast(issue.minimum, issue.origin)
  if (issue.code === 'too_big' && issue.origin !== 'array') return atMost(issue.maximum, issue.origin)
  if (issue.code === 'invalid_type' && (issue.expected === 'int' || issue.expected === 'number'))
    return 'Enter a whole number.'
  return undefined
}

function atLeast(minimum: number | bigint, origin: string): string {
  if (origin !== 'string') return `Enter at least ${minimum}.`
  return minimum === 1 ? 'Fill in this field.' : `Enter at least ${minimum} characters.`
}

function atMost(maximum: number | bigint, origin: string): string {
  return origin === 'string' ? `Enter at most ${maximum} characters.` : `Enter at most ${maximum}.`
}

/** A response type that is assignable to every documented response type. */
export type JsonText = Response & TypedResponse<never, never, never>

/** Responds with JSON that is already serialized. The caller guarantees its shape. */
export function jsonText(c: Context<HonoEnv>, text: string, status: 200 | 201 | 202): JsonText {
  return c.body(text, status, { 'Content-Type': 'application/json' }) as JsonText
}

export function jsonRequest<T>(schema: T, required = true) {
  return { required, content: { 'application/json': { schema } } }
}

export const OWNER = [{ owner: [] }]

/** `identify` in idempotency.ts checks the value, so that every malformed key is refused with the same code. */
export const idempotencyKey = z.object({
  'idempotency-key': z
    .string()
    .optional()
    .meta({
      maxLength: 255,
      description: `For ${DAY_MS / HOUR_MS} hours, a repeated request with the same key and body returns the original response.`,
    }),
})

/** The pages of the API reference. The last name in a path that is listed here decides which page has the operation. */
const TAGS: Record<string, string> = {
  comments: 'Entries',
  erase: 'People',
  endpoints: 'Endpoints',
  jobs: 'Jobs',
  books: 'Books',
  bans: 'Bans',
  'event-types': 'Event types',
  keys: 'Access',
  sessions: 'Access',
  'signing-keys': 'Signing keys',
  settings: 'Settings',
  storage: 'Settings',
  stats: 'Settings',
  import: 'Moving',
  messages: 'Messages',
  resend: 'Messages',
  discard: 'Messages',
  sources: 'Sources',
  inbound: 'Requests',
}

/** @returns the page of the reference that has the operation with this path */
export const tagOf = (path: string): string => TAGS[path.split('/').findLast((name) => name in TAGS) ?? ''] ?? ''

const problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.string(),
    errors: z.array(z.object({ path: z.string(), message: z.string() })),
    request_id: z.string(),
  })
  .meta({ id: 'Problem', description: 'RFC 9457 problem details.' })

/** Documents error responses. */
export function problems(statuses: readonly number[]) {
  const content = { 'application/problem+json': { schema: problem } }
  return Object.fromEntries(
    statuses.map((status) => [status, { description: DESCRIPTIONS[status] ?? 'The request failed.', content }])
  )
}

const DESCRIPTIONS: Record<number, string> = {
  400: 'The request is malformed.',
  401: 'The token is missing or wrong.',
  403: 'The call is not allowed, or the API key does not have the scope that the call needs. `detail` says why.',
  404: 'Not found.',
  409: 'The request conflicts with the current state.',
  410: 'Something that the call needs has been deleted. `detail` says what.',
  413: 'The body is too large. `detail` says what the limit is.',
  415: 'The content type is not supported.',
  422: 'Some fields are invalid.',
  429: 'Too many requests. Try again after the time in Retry-After.',
  503: 'The guestbook cannot do this at the moment. `detail` says why and what to do.',
}

/** Documents a response with JSON. */
export function json<T extends z.ZodType>(schema: T, description: string) {
  return { description, content: { 'application/json': { schema } } }
}
