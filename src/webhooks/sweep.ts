import { runParts } from '../kit/sweep/run-parts'
import { type Budget, type Chore, upTo } from '../kit/sweep/subrequest-budget'
import { log } from '../log'
import { removeOldInbound } from './receive/messages/retention'
import { releaseLeftOver, wakeDueInbound } from './receive/sweep'
import { expireRegistration } from './registration/expire'
import { removeOldDeliveries, sweepDeletedEndpoints } from './send/deliver/retention'
import { removeOldJobs } from './send/resend/jobs'
import { sweepJobs } from './send/resend/run-jobs'
import { sweepDue, sweepMessages, sweepResuming } from './send/sweep'

/** How many calls inbound messages may use before deliveries get their share. */
const INBOUND_CALLS = 23

const INBOUND = { inbound_left_over: releaseLeftOver, inbound_due: wakeDueInbound, inbound_old: removeOldInbound }
const DELIVERIES = { messages: sweepMessages, deliveries: sweepDue, replays: sweepJobs, resuming: sweepResuming }

/** Work of the engine that is not urgent. */
export const WEBHOOK_CHORES = {
  old_deliveries: removeOldDeliveries,
  deleted_endpoints: sweepDeletedEndpoints,
  old_replays: removeOldJobs,
  registrations: expireRegistration,
} satisfies Record<string, Chore<unknown>>

/** Finds webhooks and deliveries that are due, stuck or lost. */
export async function sweepParts(env: Env, now: number, budget: Budget): Promise<void> {
  const inbound = await runParts(INBOUND, env, now, upTo(INBOUND_CALLS, budget))
  const { inbound_due: woken, inbound_old: removed } = inbound
  if (woken || removed) log('inbound.swept', { woken, removed })
  const { messages, deliveries, replays: replayed, resuming: resumed } = await runParts(DELIVERIES, env, now, budget)
  log('sweep.finished', { messages, deliveries, replayed, resumed })
}

/** Does the work that is not urgent, as far as the budget goes. */
export async function runWebhookChores(env: Env, now: number, budget: Budget): Promise<void> {
  await runParts(WEBHOOK_CHORES, env, now, budget)
}
