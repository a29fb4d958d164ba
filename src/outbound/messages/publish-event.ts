import type { Context } from 'hono'
import type { z } from 'zod'
import { isUniqueViolation } from '../../db/client'
import type { HonoEnv } from '../../env'
import { requireValidData } from '../../event-types/manage'
import { acceptOnce } from '../../http/idempotency'
import type { JsonText } from '../../http/openapi'
import { Refusal } from '../../http/problem'
import { wakeDispatch } from '../../queue/send'
import { needsDispatch, planMessage } from '../publish/publish'
import { findMessage, type MessageRow } from './queries'
import { type messageIn, toMessage } from './schemas'

type MessageIn = z.infer<typeof messageIn>

/**
 * Publishes an owner's own event. With an id of their own the same message is accepted once.
 * @throws Refusal 409 when that id has another type or other data, 422 when the data is not as the schema of its type says
 */
export async function acceptMessage(
  c: Context<HonoEnv>,
  input: MessageIn,
  now: number
): Promise<JsonText> {
  // As it was sent: the validator drops keys that JavaScript finds special, `__proto__` for one.
  const { data } = await c.req.json<MessageIn>()
  await requireValidData(c.env, input.type, data)
  const { message, statement } = planMessage(c.env, input.type, data, now, { id: input.id })
  const body = toMessage({ ...message, dispatched_at: null })
  try {
    const acceptance = { status: 201 as const, body, statements: [statement] }
    const { results, response } = await acceptOnce(c, 'messages', acceptance, now)
    if (needsDispatch(results)) c.executionCtx.waitUntil(wakeDispatch(c.env, [message]))
    return response
  } catch (cause) {
    if (!isUniqueViolation(cause, 'messages.id')) throw cause
    return c.json(
      toMessage(await sameMessage(c.env, message.id, { type: input.type, data })),
      200
    ) as JsonText
  }
}

async function sameMessage(
  env: Env,
  id: string,
  input: Pick<MessageIn, 'type' | 'data'>
): Promise<MessageRow> {
  const existing = await findMessage(env, id)
  const data = existing && JSON.stringify(JSON.parse(existing.payload).data)
  if (existing?.type === input.type && data === JSON.stringify(input.data)) return existing
  const detail = `There is another message with the id ${id}. Use a new id for a new event.`
  throw new Refusal(409, 'id_taken', detail)
}
