import { OpenAPIHono, z } from '@hono/zod-openapi'
import type { Context, TypedResponse } from 'hono'
import type { HonoEnv } from '../env'
import { type FieldProblem, invalid } from './problem'

/** A router whose routes are validated by, and documented from, the same schemas. */
export function apiRouter(): OpenAPIHono<HonoEnv> {
  return new OpenAPIHono<HonoEnv>({
    defaultHook(result) {
      if (!result.success) throw invalid(fieldProblems(result.error.issues))
    },
  })
}

export function fieldProblems(
  issues: readonly { path: PropertyKey[]; message: string }[]
): FieldProblem[] {
  return issues.map(({ path, message }) => ({ path: path.map(String).join('.'), message }))
}

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
  .openapi('Problem', { description: 'RFC 9457 problem details.' })

/** What any call may also answer. */
export function problems(...statuses: number[]) {
  const content = { 'application/problem+json': { schema: problem } }
  return Object.fromEntries(
    statuses.map((status) => [status, { description: DESCRIPTIONS[status] ?? 'Problem', content }])
  )
}

const DESCRIPTIONS: Record<number, string> = {
  400: 'The request cannot be read.',
  401: "The owner's token is missing or wrong.",
  404: 'There is no such thing.',
  409: 'It does not fit what is there already.',
  422: 'Some fields do not fit.',
  429: 'Too many; try again later.',
  503: 'Secrets do not open: SECRETS_KEY was changed.',
}

export function json<T extends z.ZodType>(schema: T, description: string) {
  return { description, content: { 'application/json': { schema } } }
}

/** Fits any documented answer. */
export type JsonText = Response & TypedResponse<never, never, never>

/** An answer whose JSON is written already: what it holds is up to whoever wrote it. */
export function jsonText(c: Context<HonoEnv>, text: string, status: 200 | 201 | 202): JsonText {
  return c.body(text, status, { 'Content-Type': 'application/json' }) as JsonText
}

export function jsonRequest<T extends z.ZodType>(schema: T, required = true) {
  return { required, content: { 'application/json': { schema } } }
}

export const OWNER = [{ owner: [] }]

export const idempotencyKey = z.object({
  'idempotency-key': z.string().max(255).optional().openapi({
    description: 'The same key and body within 24 hours get the first answer again.',
  }),
})
