import { logFault } from '../../log'
import {
  findForPostponing,
  type LoadedInbound,
  loadInbound,
  type PostponedRow,
} from '../messages/load'
import { parkInbound } from '../messages/pause'
import { LOST } from '../messages/stored-request'
import { planAct } from './act'
import { type Outcome, postponeInbound, settleInbound } from './settle'
import { judgeInbound } from './verify-message'

/*
 * Step 2 of the incoming journey, for the consumer of the queue, the sweep, and whoever processes a message again.
 */

/**
 * One message of the queue. A fault with one is none of the others'.
 * @throws faults of ours: then the queue brings it again, and those that are done do nothing more
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
  if (faults.length > 0)
    throw new AggregateError(faults, `${faults.length} of ${ids.length} failed`)
}

/**
 * Looks at one message: new becomes processed or failed. Two round trips. Once more, or beside itself, does nothing more.
 * @throws faults of ours, when not even a later try could be noted
 */
export async function processInbound(env: Env, id: string, now: number): Promise<void> {
  const loaded = await load(env, id, now)
  if (loaded?.row.status !== 'new') return
  try {
    if (loaded.source.row.status === 'paused') return await park(env, loaded)
    const isSettled = await settleInbound(env, loaded, await look(env, loaded, now), now)
    if (!isSettled) await settleOnce(env, id, now)
  } catch (cause) {
    await postpone(env, loaded.row, cause, now)
  }
}

/** A repeat of it was acted upon in between: seen again, it is one itself. When it was settled by somebody else, there is nothing to do. */
async function settleOnce(env: Env, id: string, now: number): Promise<void> {
  const loaded = await loadInbound(env, id)
  if (loaded?.row.status !== 'new' || loaded.twin === null) return
  await settleInbound(env, loaded, await look(env, loaded, now), now)
}

/** What cannot even be loaded (a secret that does not open) is postponed too, when its row can be read. */
async function load(env: Env, id: string, now: number): Promise<LoadedInbound | null> {
  try {
    return await loadInbound(env, id)
  } catch (cause) {
    const row = await findForPostponing(env, id)
    if (row?.status !== 'new') throw cause
    await postpone(env, row, cause, now)
    return null
  }
}

async function postpone(env: Env, row: PostponedRow, cause: unknown, now: number): Promise<void> {
  logFault('inbound.fault', cause, { id: row.id, step: row.step + 1 })
  await postponeInbound(env, row, now)
}

async function look(env: Env, loaded: LoadedInbound, now: number): Promise<Outcome> {
  if (loaded.source.row.status === 'deleted') return failed('source_deleted')
  if (!loaded.hasBody) return failed('body_removed')
  requireOpen(loaded)
  const judgement = await judgeInbound(env, loaded)
  const { verification, event_type, external_id, fields } = judgement
  const { verified, reason } = verification
  const known = { verified, event_type, external_id, fields }
  if (reason !== null) return { ...failed(reason), known }
  const act = await planAct(env, loaded, judgement, now)
  if (!act.ok) return { ...failed('template_error', act.error), known }
  return { status: 'processed', reason: null, known, act: act.value, note: act.value.note }
}

/** Set aside, but looked at: one that does not verify must not make the real one a repeat for as long as the pause lasts. */
async function park(env: Env, loaded: LoadedInbound): Promise<void> {
  const { verification } = await judgeInbound(env, loaded)
  const isRefused = loaded.hasBody && verification.reason !== null
  await parkInbound(env, loaded.row.id, loaded.source.row.id, isRefused)
}

/** @throws Error when a secret header cannot be read: that is our fault, and no verdict on who sent it */
function requireOpen({ row, request }: LoadedInbound): void {
  const isLost = request.query === LOST || request.headers.some(([, value]) => value === LOST)
  if (isLost)
    throw new Error(
      `Headers of ${row.id} do not open. If SECRETS_KEY was changed, set SECRETS_KEY_PREVIOUS.`
    )
}

function failed(reason: string, detail?: string): Outcome {
  const note = detail ?? `Refused: ${reason.replaceAll('_', ' ')}.`
  return { status: 'failed', reason, known: null, act: null, note }
}
