/*
 * Texts and schemas that only the API document contains, and checks of tables, which only migrations contain. The Worker
 * contains none of them: `#doc` is scripts/build/doc.mjs there (see `imports` in package.json).
 */

import { extendZodWithOpenApi } from '@asteasolutions/zod-to-openapi'
import { type ZodType, z } from 'zod'

/** Gives every schema the method `openapi`, which describes it in the document. */
extendZodWithOpenApi(z)

/**
 * Marks what only the document contains: a summary, an example, the name of a schema. A text with numbers is made by a
 * function, because the Worker would otherwise make it, and then not use it.
 */
export function doc<const T>(make: () => T): T
export function doc<const T>(only: T): T
export function doc(only: unknown): unknown {
  return typeof only === 'function' ? only() : only
}

/** @returns what the method `openapi` of a schema takes */
export function described(description: string | (() => string)): { description: string } {
  return { description: doc(description as string) }
}

/** A text or null, in a schema that only the document needs. */
export function textOrNull(description: string | (() => string)) {
  return z.string().nullable().openapi(described(description))
}

/**
 * A schema that only the API document needs, such as that of a response. The Worker has `undefined` instead.
 * @param name of the schema in the document, if it has one
 */
export function documented<S extends { openapi(name: string): S }>(name: string | null, make: () => S): S {
  return name === null ? make() : make().openapi(name)
}

/** As `documented`, for an object. @param make its fields */
export function documentedObject<S extends z.ZodRawShape>(name: string | null, make: () => S): z.ZodObject<S> {
  return documented(name, () => z.object(make()))
}

/** The pages of the API reference. The last name in a path that is listed here decides which page has the operation. */
const TAGS: Record<string, string> = {
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

const problem = documented('Problem', () =>
  z
    .object({
      type: z.string(),
      title: z.string(),
      status: z.int(),
      detail: z.string(),
      code: z.string(),
      errors: z.array(z.object({ path: z.string(), message: z.string() })),
      request_id: z.string(),
    })
    .openapi(described('RFC 9457 problem details.'))
)

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
export function json<T extends ZodType>(schema: T, description: string) {
  return { description, content: { 'application/json': { schema } } }
}
