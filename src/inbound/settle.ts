import { MAX_STEPS, retryDelayMs } from '../core/retry-schedule'
import { needsDispatch } from '../deliveries/publish'
import { wakeDispatch, wakeInbound } from '../deliveries/queue'
import { log } from '../log'
import { iso } from '../middleware/listing'
import type { Act } from './act'
import { type InboundRow, type PostponedRow, TWINS } from './load'

/** What one look at a message came to. */
export interface Outcome {
  status: 'processed' | 'failed'
  reason: string | null
  verified: boolean
  eventType: string | null
  externalId: string | null
  fields: Record<string, string>
  note: string
  act: Act | null
}

export interface LogEntry {
  at: string
  event: 'received' | 'processed' | 'failed' | 'postponed' | 'replayed' | 'sent'
  detail: string
}

/** Newer entries push the oldest out: who replays all day cannot make the row grow. */
const MAX_LOG = 50

/** An expression that adds an entry. @param parameter for its JSON */
export function appendLog(parameter: string): string {
  return `json_insert(case when json_array_length(log) >= ${MAX_LOG} then json_remove(log, '$[0]') else log end, '$[#]', json(${parameter}))`
}

export function logEntry(now: number, event: LogEntry['event'], detail: string): string {
  const entry: LogEntry = { at: iso(now), event, detail: detail.slice(0, 500) }
  return JSON.stringify(entry)
}

/** Over the revision that was looked at: of two at work on one message, one settles it, and acts. */
const SETTLE = `update inbound_messages set status = ?3, reason = ?4, verified = ?5, event_type = ?6, external_id = coalesce(external_id, ?7),
    fields = ?8, processed_at = ?9, next_attempt_at = null, rev = rev + 1, step = 0, message_id = coalesce(message_id, ?10),
    comment_id = coalesce(comment_id, ?11), log = ${appendLog('?12')}
  where id = ?1 and status = 'new' and rev = ?2 and (?13 = 0 or not exists (select 1 ${TWINS}))`

/**
 * The outcome and what it leads to, in one batch: each statement of the act runs only if the one before it changed a row.
 * @returns false when nothing was settled: somebody else has done it, or has acted upon a repeat of it meanwhile
 */
export async function settleInbound(
  env: Env,
  row: InboundRow,
  outcome: Outcome,
  now: number
): Promise<boolean> {
  const { status, reason, act } = outcome
  const message = act?.message ?? null
  const settle = env.DB.prepare(SETTLE).bind(
    row.id,
    row.rev,
    status,
    reason,
    Number(outcome.verified),
    outcome.eventType,
    outcome.externalId,
    JSON.stringify(outcome.fields),
    now,
    message?.id ?? null,
    act?.commentId ?? null,
    logEntry(now, status, outcome.note),
    Number((act?.statements.length ?? 0) > 0)
  )
  const results = await env.DB.batch([settle, ...(act?.statements ?? [])])
  if (results[0]?.meta.changes === 0) return false
  log('inbound.processed', { id: row.id, source_id: row.sourceId, status, reason })
  if (message && needsDispatch(results)) await wakeDispatch(env, [message])
  return true
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
