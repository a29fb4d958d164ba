import { batch } from '../../db/statements'
import { notFound } from '../../http/problem'
import { log } from '../../log'
import { REMOVE, REMOVE_CHUNKS } from './store'

/**
 * Permanently removes a message and its body. An event or guestbook entry that the message created is kept. If the
 * sender sends the message again, it counts as new.
 * @throws Refusal 404
 */
export async function removeInbound(env: Env, id: string): Promise<void> {
  const [, removed] = await batch(env, [REMOVE_CHUNKS(env, { id }), REMOVE(env, { id })])
  if (removed.meta.changes === 0) throw notFound('inbound message')
  log('inbound.removed', { id })
}
