import type { Context as HonoContext, MiddlewareHandler } from 'hono'
import type * as z from 'zod'
import type { HonoEnv } from '../env'
import type { May } from './acts'
import type { Context } from './context'
import type { Bound } from './db/statements'
import type { Refusal } from './http/problem'
import type { ToolFace } from './tool'

export { bodyOf, changeOf } from './body-schema'
export { json } from './http/openapi'
export { listOf, listQuery, pageOf, readCursor, toPage } from './http/pagination'

/*
 * An operation is one thing that the owner can do: what it takes, what it does, what it gives, who may do it, and how it
 * is reached: by a call, a form, a tool. `calls.ts` turns it into a route of the API, and `forms.ts` into the route of
 * its form. The name of its act goes to the audit log.
 *
 * To read one, start with `disableEndpoint` in src/webhooks/endpoints/run-operations.ts. src/owner/operations.ts lists all.
 */

/** The names in the braces of a path. */
type NamesIn<Path extends string> = Path extends `${string}{${infer Name}}${infer Rest}` ? Name | NamesIn<Rest> : never
export type PathParams<Path extends string> = { readonly [Name in NamesIn<Path>]: string }

/** What an operation gets, besides the body. */
export interface Asked<Path extends string, Query> extends Context {
  /** From the path. */
  params: PathParams<Path>
  query: Query
}

/** A response, as the API document shows it. */
export type ResponseSchema = { description: string; content?: { 'application/json': { schema: z.ZodType } } }

/** What the JSON of a response must look like. */
type Shown<Answers> = {
  [Status in keyof Answers]: Answers[Status] extends { content: { 'application/json': { schema: infer S } } }
    ? z.input<S>
    : never
}[keyof Answers]

interface Described<Path extends string, Body extends z.ZodType, Query extends z.ZodType, Answers> {
  /** The method and the path of the call. */
  call: `${'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'} ${Path}`
  /** Which API keys may call it. */
  may: May
  /** The name in the audit log, such as `endpoint.disabled`. Null if it changes nothing: a preview. GET has none. */
  act?: string | null
  /** Who may call it, if not those who may call the others of its list. */
  guard?: MiddlewareHandler<HonoEnv>
  /** Who may call it, for the API document. By default, the owner. */
  security?: readonly Record<string, string[]>[]
  summary: string
  description?: string
  /** The JSON body. */
  takes?: Body
  /** Whether the body may be missing. All its fields have defaults then. */
  isOptional?: boolean
  /** The query of the call. A form sends it as fields. */
  query?: Query
  /** The responses by status. If there are several, `status` chooses one. */
  gives: Answers
  /** The statuses of its refusals, besides 401, 404 for a path with a parameter, and 400 and 422 for a body. */
  refusals?: readonly number[]
}

interface Outcome<Path extends string, Body, Query, Answers, Result> {
  /** Which response the call gives. */
  status?(result: Result): keyof Answers & number
  /** The JSON of the response. A response with 204 has none. */
  show?(result: Result, asked: Asked<Path, Query>): Shown<Answers> | Promise<Shown<Answers>>
  /** What it changes, for the audit log, if the path does not say it. */
  subject?(result: Result): string
  /** What changed in it, for the audit log: a line each, or none. No secret, no address and no text of an entry. */
  details?(result: Result): string[]
  /** What was done, if that depends: the first is the name of the act, and others get a line of their own. */
  acts?(result: Result): { act: string; subject: string }[]
  /** Whether it changed something, if that depends: a dry run changes nothing. */
  changes?(result: Result): boolean
  /** Its forms: one, or several that ask for a part of it, such as buttons. */
  form?: OperationForm<Path, Body, Query, Result> | readonly OperationForm<Path, Body, Query, Result>[]
  /** Why something that changes has no form. */
  noForm?: string
  /** For integrators: `id` and `endpoint_id` are those of the private link, whatever was sent. See `managedFormsOf`. */
  managed?: OperationForm<Path, Body, Query, Result> & { limit?: StrangerLimit }
  /** How a language model calls it, if it may: tools look, moderate and repair. See owner/mcp/tools.ts. */
  tool?: ToolFace
}

/** What counts in the share of an integrator's network: see guestbook/books/quota/limit-stranger.ts. */
export type StrangerLimit = 'tests' | 'attempts' | 'replays'

/** The form of an operation, on a page of the dashboard or of an integrator. */
export interface OperationForm<Path extends string, Body, Query, Result> {
  /** Its route below /admin, or the private link. It has the parameters of the call, unless there is `params`. */
  at: string
  /** A more exact name of the act. */
  act?: string
  params?(given: Record<string, string>): PathParams<Path>
  /** The size of the largest form, in bytes. */
  maxBytes?: number
  /** Whether it is sent with a file, which becomes a field with its bytes in base64. */
  hasFile?: true
  /** What a button sends. */
  body?: unknown
  /** Whether a program that presses the button may send no form. Then there are no fields. */
  isOptional?: true
  /** @returns the body as the call takes it, or a promise of it, from the fields. It is not checked yet. */
  read?(form: URLSearchParams, asked: Asked<Path, Query>): unknown
  /** Refuses what only a form can ask for. The fields are empty if nothing reads them. */
  check?(asked: Asked<Path, Query>, form: URLSearchParams): Promise<void>
  /** @returns where the browser goes afterwards. A reload of that page repeats nothing. */
  next(result: Result, done: Done<Path, Body, Query>): string | Promise<string>
  /** Shows the page of the form again, with the reason. Without it, an error page shows the reason. */
  refused?(c: HonoContext<HonoEnv>, refusal: Refusal, form: URLSearchParams): Response | Promise<Response>
}

interface Done<Path extends string, Body, Query> {
  asked: Asked<Path, Query>
  body: Body
  form: URLSearchParams
  /** The path below which the forms of the sender are: /admin, or the private link. */
  base: string
}

/** An operation that runs at once. A repeated call runs again. */
export interface Action<
  Path extends string,
  Body extends z.ZodType,
  Query extends z.ZodType,
  Answers extends Record<number, ResponseSchema>,
  Result,
> extends Described<Path, Body, Query, Answers>,
    Outcome<Path, z.output<Body>, z.output<Query>, Answers, Result> {
  run(asked: Asked<Path, z.output<Query>>, body: z.output<Body>): Promise<Result>
  /** Sends a response that is no JSON, such as a file. */
  send?(c: HonoContext<HonoEnv>, result: Result): Response | Promise<Response>
}

/** What an operation is going to write. */
export interface Plan<Result> {
  result: Result
  /** They run in one batch, all or none. */
  statements: readonly Bound<unknown>[]
  /** The stored response is erased together with this id or hash (see kit/http/act-once.ts). */
  erasedWith?: string
  /** Runs the batch, and turns what the database refuses into a Refusal. */
  write?<T>(batch: () => Promise<T>): Promise<T>
  /** Work that starts after the response. */
  start?(): Promise<unknown>
}

/** Creates something. A repeated Idempotency-Key gets the first response. Without statements, a plan is a dry run. */
export interface Creation<
  Path extends string,
  Body extends z.ZodType,
  Query extends z.ZodType,
  Answers extends Record<number, ResponseSchema>,
  Result,
> extends Described<Path, Body, Query, Answers>,
    Outcome<Path, z.output<Body>, z.output<Query>, Answers, Result> {
  /** Separates the Idempotency-Keys of different calls. */
  once: string
  plan(asked: Asked<Path, z.output<Query>>, body: z.output<Body>): Promise<Plan<Result>>
}

/** Any operation. Each is checked where it is defined, so what binds them need not know their types. */
export type AnyOperation =
  | Action<string, z.ZodType, z.ZodType, Record<number, ResponseSchema>, unknown>
  | Creation<string, z.ZodType, z.ZodType, Record<number, ResponseSchema>, unknown>

/** Defines an operation. @returns the same object, whose parts TypeScript has checked against each other */
export function action<
  Path extends string,
  Answers extends Record<number, ResponseSchema>,
  Result,
  Body extends z.ZodType = z.ZodUndefined,
  Query extends z.ZodType = z.ZodUndefined,
>(operation: Action<Path, Body, Query, Answers, Result>): AnyOperation {
  return operation as AnyOperation
}

/** Defines an operation that creates something. See `action`. */
export function creation<
  Path extends string,
  Answers extends Record<number, ResponseSchema>,
  Result,
  Body extends z.ZodType = z.ZodUndefined,
  Query extends z.ZodType = z.ZodUndefined,
>(operation: Creation<Path, Body, Query, Answers, Result>): AnyOperation {
  return operation as AnyOperation
}
