import { batch } from '../../db/statements'
import { notFound } from '../../http/problem'
import { log } from '../../log'
import { eraseMessagesOfInbound } from '../../outbound/deliver/removal/erase'
import { REMOVE, REMOVE_CHUNKS } from './store'

/**
 * Permanently removes a message and its body, and erases the event that it published. An entry that it created is kept.
 * If the sender sends the message again, it counts as new.
 * @throws Refusal 404
 */
export async function removeInbound(env: Env, id: string, now: number): Promise<void> {
  const [removed] = (
    await batch(env, [...eraseMessagesOfInbound(env, id, now), REMOVE_CHUNKS(env, { id }), REMOVE(env, { id })])
  ).slice(-1)
  if (!removed?.meta.changes) throw notFound('inbound message')
  log('inbound.removed', { id })
}
