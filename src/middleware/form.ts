import type { Context } from 'hono'
import { decodeUtf8 } from '../core/bytes'
import { readAtMost } from './body'
import { Refusal } from './problem'

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
