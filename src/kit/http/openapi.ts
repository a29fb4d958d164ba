import type { Context, TypedResponse } from 'hono'
import { doc } from '#doc'
import type { HonoEnv } from '../../env'
import * as z from '../../zod'
import { DAY_MS, HOUR_MS } from '../lib/time'

export { json, problems } from '#doc'

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
    .openapi(
      doc(() => ({
        maxLength: 255,
        description: `For ${DAY_MS / HOUR_MS} hours, a repeated request with the same key and body returns the original response.`,
      }))
    ),
})
