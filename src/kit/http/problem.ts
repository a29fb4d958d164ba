import type { Context } from 'hono'
import { HTTPException } from 'hono/http-exception'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import type { HonoEnv } from '../../env'
import { SecretsKeyError } from '../db/sealing'
import { isDatabaseFull } from '../db/size'
import { isNullViolation } from '../db/statements'
import { type Unavailable, whyUnavailable } from '../db/unavailable'
import { secondsToTomorrow } from '../lib/time'
import { LIMIT_PERIOD_MS } from './rate-limit'

export type FieldProblem = { path: string; message: string }

/** Refuses a request. A handler can throw this error anywhere; `onError` turns it into a response. */
export class Refusal extends Error {
  override name = 'Refusal'
  readonly detail: string
  readonly errors: FieldProblem[]
  readonly headers: Record<string, string>
  /** The text of a guest whose edit was refused: the page shows it. */
  readonly typed: string | undefined

  /** @param code for programs; it never changes @param detail for people: what is wrong, and what to do next */
  constructor(
    readonly status: ContentfulStatusCode,
    readonly code: string,
    detail: string,
    more: { errors?: FieldProblem[]; headers?: Record<string, string>; typed?: string | undefined } = {}
  ) {
    super(detail)
    // V8 quotes the input in its messages, and may cut a character in half.
    this.detail = detail.toWellFormed()
    this.errors = (more.errors ?? []).map((one) => ({ ...one, message: one.message.toWellFormed() }))
    this.headers = more.headers ?? {}
    this.typed = more.typed
  }
}

/** @param what the words that follow "There is no such" */
export const notFound = (what: string): Refusal => new Refusal(404, 'not_found', `There is no such ${what}.`)

/** @throws Refusal 404 if there is none @param what as in `notFound` */
export function orNotFound<T>(value: T | null | undefined, what: string): T {
  if (value === null || value === undefined) throw notFound(what)
  return value
}

export function invalid(errors: FieldProblem[]): Refusal {
  return new Refusal(422, 'invalid_input', 'Some fields are invalid. See "errors".', { errors })
}

/** Refuses one field. */
export const invalidField = (path: string, message: string): Refusal => invalid([{ path, message }])

/** Refuses one field because of what exists. */
export const conflict = (code: string, path: string, message: string): Refusal =>
  new Refusal(409, code, message, { errors: [{ path, message }] })

/** For a link with a token that we have not made. */
export const unknownLink = (): Refusal =>
  new Refusal(404, 'not_found', 'This link is not valid. Make sure that you copied the whole link.')

/** Another request came first. Nothing was changed, and nothing was published. @param what has happened, as a sentence */
export const changedMeanwhile = (what: string): Refusal =>
  new Refusal(409, 'changed_meanwhile', `${what} in the meantime. Reload, then try again.`)

export function tooMany(detail: string): Refusal {
  return new Refusal(429, 'too_many_requests', detail, { headers: { 'Retry-After': String(LIMIT_PERIOD_MS / 1_000) } })
}

/**
 * Enforces a limit. The insert itself counts, so that simultaneous requests cannot exceed it: at the limit, it sets a
 * column to NULL, which fails with its whole batch. @param limits the refusal for each such column, as in `jobs.kind`
 */
export async function refuseIfNull<T>(limits: Record<string, () => Refusal>, write: () => Promise<T>): Promise<T> {
  try {
    return await write()
  } catch (cause) {
    const reached = Object.keys(limits).find((column) => isNullViolation(cause, column))
    throw reached === undefined ? cause : limits[reached]?.()
  }
}

/** @param detail what the sender can do */
const storageFull = (detail: string): Refusal =>
  new Refusal(503, 'storage_full', detail, { headers: { 'Retry-After': '3600' } })

/** What a client gets while D1 refuses to run anything. */
function databaseRefusal(why: Unavailable, now: number): Refusal {
  if (why === 'busy') {
    const detail = 'The database is busy at the moment. Try again in a few seconds.'
    return new Refusal(503, 'database_busy', detail, { headers: { 'Retry-After': '5' } })
  }
  if (why === 'full') return storageFull('The database is full. The owner has to make room.')
  const detail =
    "This guestbook's database has reached its limit for today. Save your text, and try again after 00:00 UTC."
  return new Refusal(503, 'database_limit', detail, { headers: { 'Retry-After': String(secondsToTomorrow(now)) } })
}

/** @returns the refusal for an error that a handler has thrown, or null if the error is a fault of the program */
export function toRefusal(cause: unknown): Refusal | null {
  if (cause instanceof Refusal) return cause
  const unavailable = whyUnavailable(cause)
  // The real clock: an error that was thrown does not know its request.
  if (unavailable) return databaseRefusal(unavailable, Date.now())
  if (cause instanceof SecretsKeyError) return new Refusal(503, 'secrets_key_wrong', cause.message)
  if (!(cause instanceof HTTPException)) return null
  return new Refusal(cause.status as ContentfulStatusCode, 'bad_request', cause.message || 'Bad request.')
}

const TITLES: Record<number, string> = {
  400: 'Bad request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not found',
  405: 'Method not allowed',
  409: 'Conflict',
  410: 'Gone',
  413: 'Content too large',
  415: 'Unsupported media type',
  422: 'Unprocessable content',
  429: 'Too many requests',
  500: 'Internal server error',
  503: 'Service unavailable',
  508: 'Loop detected',
}

export const titleOf = (status: number): string => TITLES[status] ?? 'Error'

/** Problem details as in RFC 9457, with three more members: `code`, `errors` (by field) and `request_id`. */
export function problemResponse(c: Context<HonoEnv>, refusal: Refusal): Response {
  const { status, code, detail, errors } = refusal
  const type = `urn:guesthook:problem:${code}`
  const body = { type, title: titleOf(status), status, detail, code, errors, request_id: c.get('requestId') }
  const headers = { ...refusal.headers, 'Content-Type': 'application/problem+json' }
  return c.body(JSON.stringify(body), status, headers)
}

/** Refuses a stranger while the database is almost full. @param detail what the sender can do @throws Refusal 503 */
export function requireStorage(env: Env, detail: string): void {
  if (isDatabaseFull(env)) throw storageFull(detail)
}

/** @param detail what the sender can do */
export function overQuota(detail: string, now: number): Refusal {
  return new Refusal(429, 'daily_quota', detail, { headers: { 'Retry-After': String(secondsToTomorrow(now)) } })
}
