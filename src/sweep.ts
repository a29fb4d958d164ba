import { removeOldActs } from './access/audit/store'
import { removeOldSessions } from './access/sessions/store'
import { forgetNetworks } from './books/quota/store'
import { isTurnToCount } from './core/stats/periods'
import { sweepSecrets } from './dashboard/rotate-secrets-key'
import { noteDailyLimit, saveDailyLimit } from './db/daily-limit'
import { removeEndedBans } from './guestbook/moderation/bans'
import { removeExpiredBooks } from './guestbook/moderation/expired-books'
import { removeOldSpam } from './guestbook/moderation/old-spam'
import { removeOldKeys } from './http/idempotency'
import { sweepInbound } from './inbound/sweep'
import { removeOldRecords } from './moving/importing/old-records'
import { sweepImports } from './moving/importing/step'
import { sweepDeletedEndpoints } from './outbound/deliver/removal/deleted-endpoints'
import { removeOldDeliveries } from './outbound/deliver/removal/remove-old'
import { removeOldJobs } from './outbound/replay/store'
import { sweepDeliveries } from './outbound/sweep'
import { type Chore, openBudget, reserve, upTo } from './queue/subrequest-budget'
import { sweepPart } from './queue/sweep-part'
import { expireRegistration } from './registration/waiting/expire'
import { STEP_CALLS, sweepStats } from './stats/sweep'
import { sweepStorage } from './storage/usage'
import { removeOldMentions, wakeDueMentions } from './webmentions/sweep'

/** How many calls inbound messages may use before deliveries get their share. */
const INBOUND_CALLS = 23
/** How many calls are set aside for mentions and the chores, no matter how much other work there is. */
const CHORE_CALLS = 12

/** Work that is not urgent. */
export const CHORES = {
  reseal: sweepSecrets,
  old_keys: removeOldKeys,
  old_sessions: removeOldSessions,
  old_visitor_keys: forgetNetworks,
  old_deliveries: removeOldDeliveries,
  deleted_endpoints: sweepDeletedEndpoints,
  old_replays: removeOldJobs,
  storage: sweepStorage,
  expired_books: removeExpiredBooks,
  old_spam: removeOldSpam,
  ended_bans: removeEndedBans,
  old_mentions: removeOldMentions,
  old_acts: removeOldActs,
  imports: sweepImports,
  old_records: removeOldRecords,
  registrations: expireRegistration,
} satisfies Record<string, Chore<unknown>>

export type ChoreName = keyof typeof CHORES

const CHORE_NAMES = Object.keys(CHORES) as ChoreName[]

/**
 * Runs a sweep. If D1 refuses everything for the rest of the day, the sweep ends at the first refusal, and a later
 * sweep does the work.
 * @param chores run in this order. Which of them fit into the budget depends on the minute, so tests name theirs
 */
export async function sweep(env: Env, now: number, chores = inTurn(CHORE_NAMES, now)): Promise<void> {
  try {
    await sweepAll(env, now, chores)
    await saveDailyLimit(env)
  } catch (cause) {
    if (!noteDailyLimit(env, cause, now)) throw cause
  }
}

/**
 * The cron job, run every minute: finds what is due, stuck, lost or old, within the budget of one invocation. A part
 * that fails does not stop the others.
 */
async function sweepAll(env: Env, now: number, chores: ChoreName[]): Promise<void> {
  const budget = openBudget(env)
  const forChores = reserve(CHORE_CALLS, budget)
  const forStats = isTurnToCount(now) ? reserve(STEP_CALLS, budget) : budget
  await sweepInbound(env, now, upTo(INBOUND_CALLS, budget))
  await sweepDeliveries(env, now, budget)
  await sweepPart('mentions', () => wakeDueMentions(env, now, forChores), null)
  for (const name of chores) await sweepPart<unknown>(name, () => CHORES[name](env, now, forChores), null)
  await sweepPart('stats', () => sweepStats(env, now, forStats), null)
}

/** Starts with another chore every minute, so that each gets its turn even if only the reserved calls are left. */
function inTurn<T>(list: T[], now: number): T[] {
  const start = Math.floor(now / 60_000) % list.length
  return [...list.slice(start), ...list.slice(0, start)]
}
