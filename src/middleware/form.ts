import type { Context } from 'hono'
import type { z } from 'zod'
import { decodeUtf8 } from '../core/bytes'
import { readAtMost } from './body'
import { fieldProblems } from './openapi'
import { invalid, Refusal } from './problem'

const MAX_BYTES = 64 * 1_024

/** A plain form of the dashboard. @throws Refusal for what is no such form */
export async function readForm(c: Context): Promise<URLSearchParams> {
  const type = c.req.header('Content-Type') ?? ''
  if (!/^application\/x-www-form-urlencoded\b/i.test(type)) {
    throw new Refusal(415, 'not_a_form', 'Send this form from the dashboard.')
  }
  const text = decodeUtf8(await readAtMost(c.req.raw, MAX_BYTES))
  if (text === null) throw new Refusal(400, 'not_utf8', 'The form is not valid UTF-8.')
  return new URLSearchParams(text)
}

/** @throws Refusal 422 with what does not fit */
export function parseFields<T extends z.ZodType>(schema: T, input: unknown): z.output<T> {
  const parsed = schema.safeParse(input)
  if (parsed.success) return parsed.data
  throw invalid(fieldProblems(parsed.error.issues))
}

/** A refusal goes back into the form it came from; a fault of ours goes on. */
export function expectRefusal(cause: unknown): Refusal {
  if (cause instanceof Refusal) return cause
  throw cause
}

/** What a person is told above the form. */
export function explain(refusal: Refusal): string {
  return refusal.errors.map((error) => error.message).join(' ') || refusal.detail
}
