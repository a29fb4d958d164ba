import { MAX_STEPS, retryDelayMs } from '../../core/delivering/retry-schedule'
import { log } from '../../log'
import { needsDispatch } from '../../outbound/publish/publish'
import { wakeDispatch, wakeInbound } from '../../queue/send'
import type { LoadedInbound, PostponedRow } from '../messages/load'
import { appendLog, logEntry } from '../messages/log'
import { TWINS } from '../messages/repeats'
import type { Act } from './act'

/** What one look at a message came to. */
export interface Outcome {
  status: 'processed' | 'failed'
  reason: string | null
  /** What was read of it; null when it could not be looked at, which takes nothing from what was known. */
  known: Known | null
  note: string
  act: Act | null
}

export interface Known {
  verified: boolean
  event_type: string | null
  external_id: string | null
  fields: Record<string, string>
}

/** Over the revision that was looked at: of two at work on one message, one settles it, and acts. */
const SETTLE = `update inbound_messages set status = ?3, reason = ?4, verified = coalesce(?5, verified),
    event_type = iif(?5 is null, event_type, ?6), external_id = coalesce(external_id, ?7), fields = coalesce(?8, fields),
    processed_at = ?9, next_attempt_at = null, rev = rev + 1, step = 0, message_id = coalesce(message_id, ?10),
    comment_id = coalesce(comment_id, ?11), log = ${appendLog('?12')}
  where id = ?1 and status = 'new' and rev = ?2 and (?13 = 0 or not exists (select 1 ${TWINS}))`

/**
 * The outcome and what it leads to, in one batch: each statement of the act runs only if the one before it changed a row.
 * @returns false when nothing was settled: somebody else has done it, or has acted upon a repeat of it meanwhile
 */
export async function settleInbound(
  env: Env,
  { row, source }: LoadedInbound,
  outcome: Outcome,
  now: number
): Promise<boolean> {
  const { status, reason, known, act } = outcome
  const message = act?.message ?? null
  const settle = env.DB.prepare(SETTLE).bind(
    row.id,
    row.rev,
    status,
    reason,
    known && Number(known.verified),
    known?.event_type ?? null,
    known?.external_id ?? null,
    known && JSON.stringify(known.fields),
    now,
    message?.id ?? null,
    act?.comment_id ?? null,
    logEntry(now, status, outcome.note),
    Number((act?.statements.length ?? 0) > 0)
  )
  const late = row.id <= source.row.bodies_removed_to ? removeBody(env, row.id) : []
  const results = await env.DB.batch([settle, ...(act?.statements ?? []), ...late])
  if (results[0]?.meta.changes === 0) return false
  log('inbound.processed', { id: row.id, source_id: row.source_id, status, reason })
  if (message && needsDispatch(results)) await wakeDispatch(env, [message])
  return true
}

/** Retention has passed it by while it waited. What failed keeps its body, to be processed again, until it is old itself. */
function removeBody(env: Env, id: string): D1PreparedStatement[] {
  const isProcessed = `select id from inbound_messages where id = ?1 and status = 'processed'`
  return [
    `delete from inbound_chunks where message_id in (${isProcessed})`,
    `update inbound_messages set body_prefix = null where id in (${isProcessed})`,
  ].map((sql) => env.DB.prepare(sql).bind(id))
}

/**
 * A fault of ours: tried again by the schedule of deliveries, then given up, to be processed again by hand.
 * @throws Error when even that cannot be written; then the sweep finds it by the time that stands there
 */
export async function postponeInbound(env: Env, row: PostponedRow, now: number): Promise<void> {
  const step = row.step + 1
  const delay = retryDelayMs(step, Math.random())
  const next = delay === null ? null : now + delay
  const entry = logEntry(
    now,
    'postponed',
    `Something broke on this side (${step} of ${MAX_STEPS}).`
  )
  await env.DB.prepare(
    `update inbound_messages set step = ?3, rev = rev + 1, next_attempt_at = ?4, log = ${appendLog('?5')},
       status = case when ?4 is null then 'failed' else status end,
       reason = case when ?4 is null then 'internal_error' else reason end
     where id = ?1 and status = 'new' and rev = ?2`
  )
    .bind(row.id, row.rev, step, next, entry)
    .run()
  if (delay !== null && delay < 60_000) await wakeInbound(env, [row.id], Math.ceil(delay / 1_000))
}
