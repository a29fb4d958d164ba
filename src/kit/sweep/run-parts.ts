import { logFault } from '../../log'
import { whatIsUsedUp } from '../db/unavailable'
import type { Budget, Chore } from './subrequest-budget'

/**
 * Runs parts of the sweep. If one fails, that is logged, and the others still run, unless D1 refuses everything for the
 * rest of the day. @returns what each returned, or 0 if it failed. @throws that error of D1
 */
export async function runParts(parts: Record<string, Chore<unknown>>, env: Env, now: number, budget: Budget) {
  const done: Record<string, unknown> = {}
  for (const [part, run] of Object.entries(parts)) {
    try {
      done[part] = await run(env, now, budget)
    } catch (cause) {
      if (whatIsUsedUp(cause)) throw cause
      logFault('sweep.fault', cause, { part })
      done[part] = 0
    }
  }
  return done
}
