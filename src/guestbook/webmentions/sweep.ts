import { isDatabaseFull } from '../../kit/db/size'
import { DAY_MS } from '../../kit/lib/time'
import { keeping, walking } from '../../kit/sweep/retention'
import type { Chore } from '../../kit/sweep/subrequest-budget'
import { webmentions } from '../tables'
import { wakeMentions } from './orders'
import { claimDueMentions } from './store'

/* The sweep finds mentions whose wake-up was lost or that are due again, and removes old ones. */

const PAGE = 100

/** Wakes the sources of mentions that are due. If the wake-up is lost, a sweep finds them again after their lease. */
export const wakeDueMentions: Chore = async (env, now, budget) => {
  // Checks write entries, so they wait until there is room.
  if (isDatabaseFull(env) || !budget.take(1)) return 0
  const sources = await claimDueMentions(env, now, PAGE)
  if (sources.length > 0 && budget.take(1)) await wakeMentions(env, sources)
  return sources.length
}

const KEPT_MS = 30 * DAY_MS

/** Mentions that have failed, or whose source is gone. */
const removeFailed = keeping(webmentions, {
  at: 'fetched_at',
  index: 'webmentions_failed',
  condition: 'due_at is null and comment_id is null',
  kept: KEPT_MS,
  limit: { free: PAGE, paid: PAGE },
})

/** Mentions that the owner has rejected: their entries no longer exist. See REMEMBER_REJECTED. */
const removeRejected = walking(webmentions, {
  at: 'received_at',
  condition: `due_at is null and comment_id is not null
      and not exists (select 1 from comments c where c.id = webmentions.comment_id)`,
  kept: 365 * DAY_MS,
})

export const removeOldMentions: Chore = async (env, now, budget) =>
  (await removeFailed(env, now, budget)) + (await removeRejected(env, now, budget))
