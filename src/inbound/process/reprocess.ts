import { FIRST_WAKE_MS } from '../../core/delivering/retry-schedule'
import { run } from '../../db/statements'
import { Refusal } from '../../http/problem'
import { makeDue, REOPEN_FAILED } from '../messages/due'
import { explainReason } from '../messages/explain-reason'
import { type InboundHead, requireHead } from '../messages/load'
import { logEntry } from '../messages/log'
import { isHandshake } from '../messages/repeats'
import { REOPEN } from '../messages/store'
import { processInbound } from './process'

/* Replays: processing one message again, or all failed messages of a source. */

/**
 * Reopens a message that was processed or has failed, and processes it immediately. A new message is only processed.
 * @returns the message as it is now
 * @throws Refusal 404. Refusal 409 when the message cannot be processed again
 */
export async function processAgain(env: Env, id: string, now: number): Promise<InboundHead> {
  const reason = whyNotAgain(await requireHead(env, id))
  if (reason !== null) throw new Refusal(409, reason, explainReason(reason))
  const log_entry = logEntry(now, 'replayed', 'Replayed.')
  await run(REOPEN(env, { id, next_attempt_at: now + FIRST_WAKE_MS, log_entry }))
  await processInbound(env, id, now)
  return requireHead(env, id)
}

/** @returns why a message cannot be processed again, or null if it can */
export function whyNotAgain({ row, source, hasBody }: InboundHead): string | null {
  if (isHandshake(row)) return 'handshake'
  if (source.row.status === 'deleted') return 'source_deleted'
  return hasBody ? null : 'body_removed'
}

/**
 * Reopens the failed messages of a source, oldest first. The queue and the sweep process them.
 * @param last_id the newest message to reopen
 * @returns how many were reopened, and whether there are more than one call takes
 */
export async function processFailed(env: Env, source_id: string, last_id: string, now: number) {
  const log_entry = logEntry(now, 'replayed', 'Replayed with all failed messages of the source.')
  const reopened = { source_id, last_id, next_attempt_at: now, log_entry }
  return makeDue(env, (limit) => REOPEN_FAILED(env, { ...reopened, limit }))
}
