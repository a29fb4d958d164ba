import { removeOldActs } from './access/audit/store'
import { removeOldSessions } from './access/sessions/store'
import { forgetNetworks } from './guestbook/books/quota/store'
import { removeEndedBans } from './guestbook/moderation/bans'
import { removeExpiredBooks } from './guestbook/moderation/expired-books'
import { removeOldSpam } from './guestbook/moderation/old-spam'
import { removeOldMentions, wakeDueMentions } from './guestbook/webmentions/sweep'
import { noteDailyLimit, saveDailyLimit } from './kit/db/daily-limit'
import { whatIsUsedUp } from './kit/db/unavailable'
import { removeOldKeys } from './kit/http/idempotency'
import { MINUTE_MS } from './kit/lib/time'
import { type Budget, type Chore, openBudget, reserve, upTo } from './kit/sweep/subrequest-budget'
import { log, logFault } from './log'
import { sweepSecrets } from './owner/dashboard/rotate-secrets-key'
import { removeOldRecords } from './owner/moving/importing/old-records'
import { sweepImports } from './owner/moving/importing/step'
import { isTurnToCount } from './owner/rules/stats/periods'
import { STEP_CALLS, sweepStats } from './owner/stats/sweep'
import { sweepStorage } from './owner/storage/usage'
import { removeOldInbound } from './webhooks/receive/messages/retention'
import { releaseLeftOver, wakeDueInbound } from './webhooks/receive/sweep'
import { expireRegistration } from './webhooks/registration/waiting/expire'
import { sweepDeletedEndpoints } from './webhooks/send/deliver/removal/deleted-endpoints'
import { removeOldDeliveries } from './webhooks/send/deliver/removal/remove-old'
import { sweepJobs } from './webhooks/send/replay/replay'
import { removeOldJobs } from './webhooks/send/replay/store'
import { sweepDue, sweepMessages, sweepResuming } from './webhooks/send/sweep'

/** How many calls inbound messages may use before deliveries get their share. */
const INBOUND_CALLS = 23
/** How many calls are set aside for mentions and the chores, no matter how much other work there is. */
const CHORE_CALLS = 12

const INBOUND = { inbound_left_over: releaseLeftOver, inbound_due: wakeDueInbound, inbound_old: removeOldInbound }
const DELIVERIES = { messages: sweepMessages, deliveries: sweepDue, replays: sweepJobs, resuming: sweepResuming }

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

/** The cron job, run every minute: finds what is due, stuck, lost or old, within the budget of one invocation. */
async function sweepAll(env: Env, now: number, chores: ChoreName[]): Promise<void> {
  const budget = openBudget(env)
  const forChores = reserve(CHORE_CALLS, budget)
  const forStats = isTurnToCount(now) ? reserve(STEP_CALLS, budget) : budget
  const inbound = await runParts(INBOUND, env, now, upTo(INBOUND_CALLS, budget))
  const { inbound_due: woken, inbound_old: removed } = inbound
  if (woken || removed) log('inbound.swept', { woken, removed })
  const { messages, deliveries, replays: replayed, resuming: resumed } = await runParts(DELIVERIES, env, now, budget)
  log('sweep.finished', { messages, deliveries, replayed, resumed })
  const others = Object.fromEntries(chores.map((name) => [name, CHORES[name]]))
  await runParts({ mentions: wakeDueMentions, ...others }, env, now, forChores)
  await runParts({ stats: sweepStats }, env, now, forStats)
}

/**
 * Runs parts of the sweep, one after the other. If one fails, the fault is logged, the others still run, and the next
 * sweep tries again. If D1 refuses everything until the end of the day, the others would fail, too, so they do not run.
 * @returns what each part returned, or 0 if it failed
 * @throws the error of D1 in that case
 */
async function runParts(parts: Record<string, Chore<unknown>>, env: Env, now: number, budget: Budget) {
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

/** Starts with another chore every minute, so that each gets its turn even if only the reserved calls are left. */
function inTurn<T>(list: T[], now: number): T[] {
  const start = Math.floor(now / MINUTE_MS) % list.length
  return [...list.slice(start), ...list.slice(0, start)]
}
