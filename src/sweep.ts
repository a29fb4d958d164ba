import { removeOldActs } from './access/audit/store'
import { removeOldSessions } from './access/sessions/store'
import { forgetVersions } from './guestbook/books/cache'
import { forgetNetworks } from './guestbook/books/quota/store'
import { removeEndedBans } from './guestbook/moderation/bans'
import { removeExpiredBooks, removeOldSpam } from './guestbook/moderation/retention'
import { wakeWall } from './guestbook/wall/update'
import { removeOldMentions, wakeDueMentions } from './guestbook/webmentions/sweep'
import { noteDailyLimit, saveDailyLimit } from './kit/db/daily-limit'
import { removeOldKeys } from './kit/http/act-once'
import { MINUTE_MS } from './kit/lib/time'
import { runParts } from './kit/sweep/run-parts'
import { type Chore, openBudget, reserve } from './kit/sweep/subrequest-budget'
import { sweepSecrets } from './owner/dashboard/rotate-secrets-key'
import { sweepImports } from './owner/moving/importing/step'
import { removeOldRecords } from './owner/moving/importing/store'
import { isTurnToCount } from './owner/rules/stats/periods'
import { STEP_CALLS, sweepStats } from './owner/stats/sweep'
import { sweepStorage } from './owner/storage/database-size'
import { sweepParts, WEBHOOK_CHORES } from './webhooks/sweep'

/** How many calls are set aside for mentions and the chores, no matter how much other work there is. */
const CHORE_CALLS = 12

/** Work that is not urgent. */
export const CHORES = {
  reseal: sweepSecrets,
  old_keys: removeOldKeys,
  old_sessions: removeOldSessions,
  old_visitor_keys: forgetNetworks,
  ...WEBHOOK_CHORES,
  storage: sweepStorage,
  expired_books: removeExpiredBooks,
  old_spam: removeOldSpam,
  ended_bans: removeEndedBans,
  old_mentions: removeOldMentions,
  old_acts: removeOldActs,
  wall: wakeWall,
  imports: sweepImports,
  old_records: removeOldRecords,
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
  } finally {
    forgetVersions(env)
  }
}

/** The cron job, run every minute: finds what is due, stuck, lost or old, within the budget of one invocation. */
async function sweepAll(env: Env, now: number, chores: ChoreName[]): Promise<void> {
  const budget = openBudget(env)
  const forChores = reserve(CHORE_CALLS, budget)
  const forStats = isTurnToCount(now) ? reserve(STEP_CALLS, budget) : budget
  await sweepParts(env, now, budget)
  const others = Object.fromEntries(chores.map((name) => [name, CHORES[name]]))
  await runParts({ mentions: wakeDueMentions, ...others }, env, now, forChores)
  await runParts({ stats: sweepStats }, env, now, forStats)
}

/** Starts with another chore every minute, so that each gets its turn even if only the reserved calls are left. */
function inTurn<T>(list: T[], now: number): T[] {
  const start = Math.floor(now / MINUTE_MS) % list.length
  return [...list.slice(start), ...list.slice(0, start)]
}
