import * as z from 'zod'
import { log, logFault } from '../../log'
import { dayOf } from '../lib/time'
import { run } from './statements'
import { readSweepState, saveSweepState } from './sweep-state'
import { type DailyLimit, whatIsUsedUp } from './unavailable'

/*
 * On the Free plan, D1 refuses calls for the rest of the day (UTC) once its rows are used up. An isolate remembers this
 * in memory, because nothing can be stored: queues and the sweep wait, and the dashboard says so. The first sweep that
 * can write again stores when it happened.
 */

/** The name under which the last limit is stored, for the owner. */
const DAILY_LIMIT = 'daily_limit'

export interface Reached {
  used: DailyLimit
  /** When D1 first refused a call, in epoch milliseconds. */
  at: number
}

const reached = new WeakMap<D1Database, Reached>()

/** Remembers a refusal of D1. @returns whether the error is one that lasts until the end of the day */
export function noteDailyLimit(env: Env, cause: unknown, now: number): boolean {
  const used = whatIsUsedUp(cause)
  if (used === null) return false
  if (dailyLimit(env, now) === null) {
    reached.set(env.DB, { used, at: now })
    log('database.daily_limit', { used })
  }
  return true
}

/** For a download whose response has begun: no other code hears of an error. @returns a function that passes it on */
export function breakOff(env: Env, now: number): (cause: unknown) => never {
  return (cause) => {
    if (!noteDailyLimit(env, cause, now)) logFault('download.fault', cause)
    throw cause
  }
}

/** @returns the limit that this isolate has met today, or null */
export function dailyLimit(env: Env, now: number): Reached | null {
  const known = reached.get(env.DB)
  return known && dayOf(known.at) === dayOf(now) ? known : null
}

/** Stores the limit that this isolate has met, which fails while D1 still refuses to write. Then forgets it. */
export async function saveDailyLimit(env: Env): Promise<void> {
  const known = reached.get(env.DB)
  if (!known) return
  await run(saveSweepState(env, DAILY_LIMIT, known))
  reached.delete(env.DB)
}

const SHAPE = z
  .object({ used: z.enum(['read', 'write']), at: z.number() })
  .nullable()
  .catch(null)

/** @returns the limit that was met last, or null if none was ever met */
export const readDailyLimit = (env: Env): Promise<Reached | null> => readSweepState(env, DAILY_LIMIT, SHAPE)
