import { serialisePayload } from '../core/event-types'
import { freshId } from '../db/keys'

export interface Message {
  id: string
  type: string
  created_at: number
  payload: string
}

/**
 * Step 1 of the outgoing journey, accept: the message is written in the same batch as whatever happened, so that one cannot be
 * without the other. What it costs does not depend on how many endpoints there are.
 * @param id the publisher's own, for messages published through the API
 */
export function planMessage(
  env: Env,
  type: string,
  data: unknown,
  now: number,
  id: string = freshId('msg', now)
): { message: Message; statement: D1PreparedStatement } {
  const message = { id, type, created_at: now, payload: serialisePayload(id, type, now, data) }
  const statement = env.DB.prepare(
    'insert into messages (id, type, created_at, payload) values (?1, ?2, ?3, ?4)'
  ).bind(id, type, now, message.payload)
  return { message, statement }
}
