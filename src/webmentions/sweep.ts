import { DAY_MS } from '../core/lib/time'
import { isDatabaseFull } from '../db/size'
import { walkPage } from '../queue/daily-walk'
import { wakeMentions } from '../queue/send'
import type { Budget } from '../queue/subrequest-budget'
import { claimDue, REJECTED, removeFailed } from './store'

/* The sweep finds mentions whose wake-up was lost or that are due again, and removes old ones. */

const PAGE = 100
/** A mention that failed is kept for this long. */
const KEPT_MS = 30 * DAY_MS

/** @returns how many sources were woken */
export async function wakeDueMentions(env: Env, now: number, budget: Budget): Promise<number> {
  // Checks write entries, so they wait until there is room.
  if (isDatabaseFull(env) || !budget.take(1)) return 0
  const sources = await claimDue(env, now, PAGE)
  // Without a wake-up, the next sweep after the lease finds the sources again.
  if (sources.length > 0 && budget.take(1)) await wakeMentions(env, sources)
  return sources.length
}

/** A mention that the owner has rejected stays rejected for this long after it was last sent. */
const REJECTED_MS = 365 * DAY_MS

/** @returns how many mentions were removed */
export async function removeOldMentions(env: Env, now: number, budget: Budget): Promise<number> {
  const failed = budget.take(1) ? await removeFailed(env, now - KEPT_MS, PAGE) : 0
  return failed + (await walkPage(env, REJECTED, now - REJECTED_MS, now, budget))
}
