import type { Context } from 'hono'
import type * as z from 'zod'
import type { HonoEnv } from '../../../env'
import { laterIn } from '../../../kit/context'
import { batch, isUniqueViolation } from '../../../kit/db/statements'
import { acceptOnce } from '../../../kit/http/act-once'
import type { JsonText } from '../../../kit/http/openapi'
import { Refusal } from '../../../kit/http/problem'
import { parseAsWritten, parseForReading } from '../../../kit/lib/json'
import { noteNoChange, noteSubject } from '../../../kit/note-act'
import { requireValidData } from '../../event-types/manage'
import { dataText } from '../../rules/events/catalogue'
import { planMessage, wakeListeners } from '../publish/publish'
import { findMessage, type MessageRow } from './queries'
import { type messageIn, toMessage } from './schemas'

type MessageIn = z.infer<typeof messageIn>

/** With an id, publishes once: a repeat gets the message, with 200. @throws Refusal 409 if another has this id; 422 */
export async function acceptMessage(c: Context<HonoEnv>, input: MessageIn): Promise<JsonText> {
  // This uses the raw data, because the validator drops keys such as `__proto__`.
  await requireValidData(c.env, input.type, (await c.req.json<MessageIn>()).data)
  const { data } = parseAsWritten(await c.req.text()) as MessageIn
  const { message, statement } = planMessage(c.env, input.type, data, c.get('now'), { id: input.id })
  const body = toMessage({ ...message, dispatched_at: null, erased_at: null })
  try {
    const acceptance = { status: 201 as const, body, statements: [statement] }
    const { results, response } = await acceptOnce(c, 'messages', acceptance)
    // A repeat has published nothing with this id.
    if (results.length > 0) noteSubject(c, message.id)
    laterIn(c)(wakeListeners(c.env, message, results))
    return response
  } catch (cause) {
    if (!isUniqueViolation(cause, 'messages.id')) throw cause
    const existing = await requireSame(c.env, message.id, { type: input.type, data })
    noteNoChange(c)
    return c.json(toMessage(existing), 200) as JsonText
  }
}

/** Publishes from the dashboard. @param data as it was typed @throws Refusal 422 if it does not match its type's schema */
export async function publishEvent(c: Context<HonoEnv>, input: MessageIn, data: string) {
  await requireValidData(c.env, input.type, input.data)
  const { message, statement } = planMessage(c.env, input.type, parseAsWritten(data), c.get('now'))
  const results = await batch(c.env, [statement])
  noteSubject(c, message.id)
  laterIn(c)(wakeListeners(c.env, message, results))
  return message
}

/** @throws Refusal 409 */
async function requireSame(env: Env, id: string, input: Pick<MessageIn, 'type' | 'data'>): Promise<MessageRow> {
  const existing = await findMessage(env, id)
  const isSame = existing?.payload && isSameJson(dataText(existing.payload), JSON.stringify(input.data))
  if (existing?.type === input.type && isSame) return existing
  const detail = `A different message already has the id ${id}. Use a new id for a new event.`
  throw new Refusal(409, 'id_taken', detail)
}

/** 1.0 is the same as 1, but 9007199254740993 is not the same as 9007199254740992, which is its double. */
function isSameJson(a: string, b: string): boolean {
  return [JSON.parse, parseForReading].every((parse) => JSON.stringify(parse(a)) === JSON.stringify(parse(b)))
}
