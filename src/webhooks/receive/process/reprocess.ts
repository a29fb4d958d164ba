import { run } from '../../../kit/db/statements'
import { Refusal } from '../../../kit/http/problem'
import { FIRST_WAKE_MS } from '../../rules/delivering/retry-schedule'
import { makeDue, REOPEN_FAILED } from '../messages/due'
import { explainRequestReason } from '../messages/explain-reason'
import { type InboundHead, requireHead } from '../messages/load'
import { logEntry } from '../messages/log'
import { isHandshake } from '../messages/repeats'
import { REOPEN } from '../messages/store'
import { processInbound } from './process'

/* Replays: one message, or all of a source's failed messages, can be processed again. */

/** Reopens a message, and processes it immediately. @returns it. @throws Refusal 404; 409 if that is not possible */
export async function processAgain(env: Env, id: string, now: number): Promise<InboundHead> {
  const reason = whyNotAgain(await requireHead(env, id))
  if (reason !== null) throw new Refusal(409, reason, await explainRequestReason(env, reason))
  const log_entry = logEntry(now, 'replayed', 'Reprocessed.')
  await run(REOPEN(env, { id, next_attempt_at: now + FIRST_WAKE_MS, log_entry }))
  await processInbound(env, id, now)
  return requireHead(env, id)
}

/** @returns why a message cannot be processed again, or null if it can be */
export function whyNotAgain({ row, source, whyIncomplete }: InboundHead): string | null {
  if (isHandshake(row)) return 'handshake'
  if (source.row.status === 'deleted') return 'source_deleted'
  return whyIncomplete
}

/** Reopens failed messages, oldest first, up to `last_id`. @returns how many, and whether there may be more */
export async function processFailed(env: Env, source_id: string, last_id: string, now: number) {
  const log_entry = logEntry(now, 'replayed', 'Reprocessed with all other failed requests of this source.')
  const reopened = { source_id, last_id, next_attempt_at: now, log_entry }
  return makeDue(env, (limit) => REOPEN_FAILED(env, { ...reopened, limit }))
}
