import { notFound } from '../../http/problem'
import { log } from '../../log'

/**
 * A message goes for good, its body with it: what is in it is not to be kept, say. What became of it stays. If it is sent again, it is new.
 * @throws Refusal 404
 */
export async function removeInbound(env: Env, id: string): Promise<void> {
  const [, removed] = await env.DB.batch([
    env.DB.prepare('delete from inbound_chunks where message_id = ?1').bind(id),
    env.DB.prepare('delete from inbound_messages where id = ?1').bind(id),
  ])
  if (removed?.meta.changes === 0) throw notFound('inbound message')
  log('inbound.removed', { id })
}
