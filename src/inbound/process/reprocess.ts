import { FIRST_WAKE_MS } from '../../core/delivering/retry-schedule'
import { Refusal } from '../../http/problem'
import { DUE_PAGE, makeDue } from '../messages/due'
import { explainReason } from '../messages/explain-reason'
import { type InboundHead, type InboundRow, requireHead } from '../messages/load'
import { appendLog, logEntry } from '../messages/log'
import { processInbound } from './process'

/*
 * A person asks for a message to be processed again, or for all that failed of a source.
 */

const AGAIN = `status = 'new', reason = null, rev = rev + 1, step = 0`

/**
 * A message that was dealt with is new again, and is looked at here and now. One that is new already is only looked at.
 * @throws Refusal 404; 409 when nothing could come of it but the loss of what is known
 */
export async function processAgain(env: Env, id: string, now: number): Promise<InboundHead> {
  const reason = whyNotAgain(await requireHead(env, id))
  if (reason !== null) throw new Refusal(409, reason, explainReason(reason))
  await env.DB.prepare(
    `update inbound_messages set ${AGAIN}, next_attempt_at = ?2 + ${FIRST_WAKE_MS}, log = ${appendLog('?3')}
     where id = ?1 and status <> 'new'`
  )
    .bind(id, now, logEntry(now, 'replayed', 'To be processed again.'))
    .run()
  await processInbound(env, id, now)
  return requireHead(env, id)
}

/** @returns a reason; null when it can be processed again */
export function whyNotAgain({ row, source, hasBody }: InboundHead): string | null {
  if (isHandshake(row)) return 'handshake'
  if (source.row.status === 'deleted') return 'source_deleted'
  return hasBody ? null : 'body_removed'
}

/** What no repeat is looked for of was answered at the door. */
export function isHandshake({ dedupe_key: dedupeKey }: Pick<InboundRow, 'dedupe_key'>): boolean {
  return dedupeKey === null
}

const ALL_FAILED = `update inbound_messages set ${AGAIN}, next_attempt_at = ?2, log = ${appendLog('?3')}
  where id in (select id from inbound_messages indexed by inbound_failed
    where source_id = ?1 and status = 'failed' and id <= ?4 and dedupe_key is not null order by id limit ${DUE_PAGE})
  returning id`

/**
 * Whatever failed of a source (handshakes are over), oldest first: it is due now, and the sweep goes on with what is not woken at once.
 * @returns how many, and whether there are more than one call takes
 */
export async function processFailed(env: Env, sourceId: string, until: string, now: number) {
  const entry = logEntry(now, 'replayed', 'To be processed again, with all that failed.')
  const update = env.DB.prepare(ALL_FAILED).bind(sourceId, now, entry, until)
  const { count, hasMore } = await makeDue(env, update)
  return { count, has_more: hasMore }
}
