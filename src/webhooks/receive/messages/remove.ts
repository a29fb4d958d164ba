import { type Bound, batch } from '../../../kit/db/statements'
import { eraseAnswers } from '../../../kit/http/idempotency'
import { notFound } from '../../../kit/http/problem'
import { log } from '../../../log'
import { eraseMessagesOfInbound } from '../../send/deliver/removal/erase'
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
