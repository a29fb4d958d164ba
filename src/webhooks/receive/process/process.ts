import { run } from '../../../kit/db/statements'
import { logFault } from '../../../log'
import type { Verification } from '../../rules/verifying/verify'
import { nameReason } from '../messages/explain-reason'
import { findRevision, type LoadedInbound, loadInbound, type Revision } from '../messages/load'
import { type InboundRow, PARK } from '../messages/store'
import { UNREADABLE_VALUE } from '../messages/stored-request'
import { planHandling } from './handling'
import { type ProcessingResult, postponeInbound, settleInbound } from './settle'
import { judgeInbound } from './verify-message'

/* Processes inbound messages for the queue consumer, the sweep and replays: load, verify, act, settle. */

/**
 * Processes what one queue message lists. If one fails, the others are still processed.
 * @throws AggregateError: the queue then delivers all again, which has no effect on the settled ones
 */
export async function processOrder(env: Env, ids: string[], now: number): Promise<void> {
  const faults: unknown[] = []
  for (const id of ids) {
    try {
      await processInbound(env, id, now)
    } catch (cause) {
      faults.push(cause)
    }
  }
  if (faults.length > 0) throw new AggregateError(faults, `${faults.length} of ${ids.length} failed`)
}

/**
 * Takes two round trips. To process a message again, or twice at once, has no further effect.
 * @throws internal errors, if even a retry cannot be scheduled
 */
export async function processInbound(env: Env, id: string, now: number): Promise<void> {
  const loaded = await loadOrPostpone(env, id, now)
  if (loaded?.row.status !== 'new') return
  try {
    if (loaded.source.row.status === 'paused') return await park(env, loaded.row)
    const outcome = await decide(env, loaded, now)
    const isSettled = await settleInbound(env, loaded, outcome, now)
    if (!isSettled) await settleAsDuplicate(env, id, now)
  } catch (cause) {
    await postpone(env, loaded.row, cause, now)
  }
}

/** Runs if another worker has settled the message or acted on a duplicate of it. Settles a duplicate without acting. */
async function settleAsDuplicate(env: Env, id: string, now: number): Promise<void> {
  const loaded = await loadInbound(env, id)
  if (loaded?.row.status !== 'new' || loaded.acted_duplicate === null) return
  await settleInbound(env, loaded, await decide(env, loaded, now), now)
}

/** Postpones a message that cannot be loaded, for example because its source's secrets cannot be unsealed. */
async function loadOrPostpone(env: Env, id: string, now: number): Promise<LoadedInbound | null> {
  try {
    return await loadInbound(env, id)
  } catch (cause) {
    const revision = await findRevision(env, id)
    if (revision?.status !== 'new') throw cause
    await postpone(env, revision, cause, now)
    return null
  }
}

async function postpone(env: Env, revision: Revision, cause: unknown, now: number): Promise<void> {
  logFault('inbound.fault', cause, { id: revision.id, step: revision.step + 1 })
  await postponeInbound(env, revision, now)
}

async function decide(env: Env, loaded: LoadedInbound, now: number): Promise<ProcessingResult> {
  if (loaded.source.row.status === 'deleted') return failed('source_deleted', loaded)
  if (loaded.whyIncomplete !== null) return failed(loaded.whyIncomplete, loaded)
  requireReadable(loaded)
  const judgement = await judgeInbound(env, loaded)
  const { event_type, external_id, fields } = judgement
  const { verified, reason } = judgement.verification
  const copy_of = isSigned(judgement.verification) ? loaded.earlier_copy : null
  const known = { verified, event_type, external_id, fields, copy_of }
  if (reason !== null) return { ...failed(reason, loaded), known }
  const handling = await planHandling(env, loaded, judgement, now)
  if (!handling.ok) return { ...failed('template_error', loaded, handling.error), known }
  const note = handling.value.note + (copy_of === null ? '' : ` ${explainCopy(copy_of)}`)
  return { status: 'processed', reason: null, known, handling: handling.value, note }
}

/** Whether a message is verified by a signature. A token is the same in every message, so it does not identify one. */
function isSigned({ verified, checks }: Verification): boolean {
  return verified && checks.some(({ signed }) => signed !== null)
}

function explainCopy(id: string): string {
  return `The body and the signature are the same as those of ${id}, but the delivery ID is not.`
}

/** Parks a message until its source is resumed. */
async function park(env: Env, { id, source_id }: InboundRow): Promise<void> {
  await run(PARK(env, { id, source_id }))
}

/** @throws Error when a sealed value cannot be read: an internal error must not make the message fail as unverified */
function requireReadable({ row, request }: LoadedInbound): void {
  const values = [request.query, ...request.headers.map(([, value]) => value)]
  if (values.includes(UNREADABLE_VALUE))
    throw new Error(
      `The sealed headers of ${row.id} cannot be read. If SECRETS_KEY has changed, set SECRETS_KEY_PREVIOUS to the old key.`
    )
}

function failed(reason: string, { source }: LoadedInbound, detail?: string): ProcessingResult {
  const note = detail ?? `${nameReason(reason, source.provider)}.`
  return { status: 'failed', reason, known: null, handling: null, note }
}
