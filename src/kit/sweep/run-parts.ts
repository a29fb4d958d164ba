import { logFault } from '../../log'
import { whatIsUsedUp } from '../db/unavailable'
import type { Budget, Chore } from './subrequest-budget'

/**
 * Runs parts of the sweep, one after the other. If one fails, the fault is logged, the others still run, and the next
 * sweep tries again. If D1 refuses everything until the end of the day, the others would fail, too, so they do not run.
 * @returns what each part returned, or 0 if it failed
 * @throws the error of D1 in that case
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
