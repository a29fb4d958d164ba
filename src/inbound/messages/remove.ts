import { batch } from '../../db/statements'
import { notFound } from '../../http/problem'
import { log } from '../../log'
import { REMOVE, REMOVE_CHUNKS } from './store'

/**
 * Removes a message and its body forever. What it led to (an event, a guestbook entry) stays. If the sender sends it
 * again, it counts as new.
 * @throws Refusal 404
 */
export async function removeInbound(env: Env, id: string): Promise<void> {
  const [, removed] = await batch(env, [REMOVE_CHUNKS(env, { id }), REMOVE(env, { id })])
  if (removed.meta.changes === 0) throw notFound('inbound message')
  log('inbound.removed', { id })
}
