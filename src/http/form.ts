import type { Context } from 'hono'
import type { z } from 'zod'
import { decodeUtf8 } from '../core/lib/bytes'
import { readAtMost } from './json-body'
import { fieldProblems } from './openapi'
import { invalid, Refusal } from './problem'

/** Every letter of the longest comment may take nine characters when a browser percent-encodes it. */
const MAX_BYTES = 64 * 1_024

/** What a browser sends for a form without files. @param maxBytes as it is sent, percent-encoded. @throws Refusal 415, 413 or 400 for what is none */
export async function readForm(c: Context, maxBytes = MAX_BYTES): Promise<URLSearchParams> {
  const type = c.req.header('Content-Type') ?? ''
  if (!/^application\/x-www-form-urlencoded\b/i.test(type)) {
    throw new Refusal(415, 'not_a_form', 'Send this as a form, from the page it is on.')
  }
  const text = decodeUtf8(await readAtMost(c.req.raw, maxBytes))
  if (text === null || !isUtf8Encoded(text)) {
    throw new Refusal(400, 'not_utf8', 'The form is not valid UTF-8.')
  }
  return new URLSearchParams(text)
}

/** `URLSearchParams` would turn percent-encoded bytes that are no UTF-8 into replacement characters. */
function isUtf8Encoded(text: string): boolean {
  try {
    decodeURIComponent(text.replace(/%(?![0-9a-f]{2})/gi, '%25'))
    return true
  } catch (cause) {
    if (cause instanceof URIError) return false
    throw cause
  }
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
