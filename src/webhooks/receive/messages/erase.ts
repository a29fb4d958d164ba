import { type Bound, batch, type Statement, statement, type Values } from '../../../kit/db/statements'
import { eraseAnswers } from '../../../kit/http/act-once'
import { notFound } from '../../../kit/http/problem'
import { log } from '../../../log'
import { eraseMessagesOfInbound } from '../../send/deliver/erase'
import { REMOVE_BODY_CHUNKS, REMOVE_MESSAGES } from './store'

/** Removes a message for good, and its event, but not its entry. If sent again, it is new. @throws Refusal 404 */
export async function removeInbound(env: Env, id: string, now: number): Promise<void> {
  const [removed] = (await batch(env, removingInbound(env, [id], now))).slice(-1)
  if (!removed?.meta.changes) throw notFound('request')
  log('inbound.removed', { id })
}

/** @returns the statements that remove messages, to run in one batch. The last one removes the messages themselves */
export function removingInbound(env: Env, inbound_ids: string[], now: number): Bound<never>[] {
  const ids = JSON.stringify(inbound_ids)
  const messages = [REMOVE_BODY_CHUNKS(env, { ids }), REMOVE_MESSAGES(env, { ids })]
  return [eraseAnswers(env, ...inbound_ids), ...eraseMessagesOfInbound(env, inbound_ids, now), ...messages]
}

/**
 * Removes copies of our own events that a source has received. Their delivery ids are the ids of the events. What a
 * source does more than keep is processed, and stays as long as the source says. Accepted race: a copy that is being
 * stored at this moment stays until the source's retention ends.
 * @param ids SQL that selects the ids of the messages as `id`
 */
export function removingCopies<P extends Values>(ids: string): Statement<P, never>[] {
  const copies = `
    select i.id
    from (${ids}) m
    cross join sources s on s.provider = 'standard-webhooks' and s.act = 'keep'
    cross join inbound_messages i indexed by inbound_repeats on i.source_id = s.id and i.dedupe_key = 'id:' || m.id`
  return [
    statement(`
  delete from inbound_chunks
  where message_id in (${copies})`),
    statement(`
  delete from inbound_messages
  where id in (${copies})`),
  ]
}
