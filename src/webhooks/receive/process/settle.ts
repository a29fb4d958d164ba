import { batch, run } from '../../../kit/db/statements'
import { MINUTE_MS } from '../../../kit/lib/time'
import { log } from '../../../log'
import { MAX_STEPS, retryDelayMs } from '../../rules/delivering/retry-schedule'
import { wakeListeners } from '../../send/publish/publish'
import { wakeInbound } from '../../work/send-orders'
import type { LoadedInbound, Revision } from '../messages/load'
import { logEntry } from '../messages/log'
import { CLEAR_PROCESSED_PREFIX, POSTPONE, REMOVE_PROCESSED_CHUNKS, SETTLE_MESSAGE } from '../messages/store'
import type { Handling } from './program-act'
import type { Judgement } from './verify-message'

interface Known {
  verified: boolean
  /** The id of an earlier message with the same body and signature that is another delivery. */
  copy_of: string | null
}

/** The result of processing a message. */
export interface ProcessingResult {
  status: 'processed' | 'failed'
  reason: string | null
  /** What was read from the message. Null if it could not be verified: known values are then left unchanged. */
  known: (Pick<Judgement, 'event_type' | 'external_id' | 'fields'> & Known) | null
  /** The text for the message's log. */
  note: string
  handling: Handling | null
}

/**
 * Writes an outcome in one batch. Each statement runs only if the one before it has changed a row.
 * @returns false if another worker has settled the message, or acted on a duplicate of it, in the meantime
 */
export async function settleInbound(
  env: Env,
  loaded: LoadedInbound,
  outcome: ProcessingResult,
  now: number
): Promise<boolean> {
  const { row } = loaded
  const { status, reason, handling } = outcome
  const results = await batch(env, [
    bindSettle(env, row, outcome, now),
    ...(handling?.statements ?? []),
    ...removeOldBody(env, loaded),
  ])
  if (results[0].meta.changes === 0) return false
  log('inbound.processed', { id: row.id, source_id: row.source_id, status, reason })
  await wakeListeners(env, handling?.message ?? null, results)
  return true
}

function bindSettle(
  env: Env,
  { id, rev }: Revision,
  { known, handling, note, ...outcome }: ProcessingResult,
  now: number
) {
  return SETTLE_MESSAGE(env, {
    id,
    rev,
    ...outcome,
    verified: known && Number(known.verified),
    event_type: known?.event_type ?? null,
    external_id: known?.external_id ?? null,
    copy_of: known?.copy_of ?? null,
    fields: known && JSON.stringify(known.fields),
    processed_at: now,
    message_id: handling?.message?.id ?? null,
    comment_id: handling?.comment_id ?? null,
    log_entry: logEntry(now, outcome.status, note),
    acts: Number((handling?.statements.length ?? 0) > 0),
  })
}

/** Removes a body that is past its retention period but was skipped because its message was still new. */
function removeOldBody(env: Env, { row: { id }, source }: LoadedInbound) {
  if (id > source.row.bodies_removed_to) return []
  return [REMOVE_PROCESSED_CHUNKS(env, { id }), CLEAR_PROCESSED_PREFIX(env, { id })]
}

/** The queue handles delays that are shorter than this, and the sweep handles longer delays. */
const MAX_QUEUE_DELAY_MS = MINUTE_MS

/**
 * Schedules another attempt after an internal error, as for deliveries. After the last one, the message fails.
 * @throws Error if that cannot be written. The sweep then finds the message by its `next_attempt_at`
 */
export async function postponeInbound(env: Env, { id, rev, ...revision }: Revision, now: number): Promise<void> {
  const step = revision.step + 1
  const delay = retryDelayMs(step, Math.random())
  const state =
    delay === null
      ? ({ status: 'failed', reason: 'internal_error', next_attempt_at: null } as const)
      : ({ status: 'new', reason: null, next_attempt_at: now + delay } as const)
  const log_entry = logEntry(now, 'postponed', `Internal error (attempt ${step} of ${MAX_STEPS}).`)
  await run(POSTPONE(env, { id, rev, step, ...state, log_entry }))
  if (delay !== null && delay < MAX_QUEUE_DELAY_MS) {
    await wakeInbound(env, [id], Math.ceil(delay / 1_000))
  }
}
