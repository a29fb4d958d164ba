import { listResuming } from '../endpoints/health'
import { log } from '../log'
import type { DeliveryRef } from '../queue/orders'
import { sendOrders, sendsFor, wakeDispatch } from '../queue/send'
import { type Budget, openBudget } from '../queue/subrequest-budget'
import { RESUME_CALLS, resume } from './deliver/release-parked'
import {
  claimDue,
  claimUndispatched,
  releaseUndispatched,
  type UndispatchedMessage,
} from './deliver/store'
import { sweepJobs } from './replay/replay'

const MESSAGES_PAGE = 100
/** Deliveries taken by one statement: 25 work orders, one queue call. */
const DUE_PAGE = 300
const ENDPOINTS_PAGE = 10

/**
 * Step 6, sweep: finds what is due, stuck or lost, and sends it on its way by the ordinary path. Pages until nothing is due or the
 * budget is spent; safe to run beside itself, since everything it hands out is claimed first or idempotent.
 * @returns what was found, for the log
 */
export async function sweepDeliveries(env: Env, now: number, budget: Budget = openBudget(env)) {
  const found = {
    messages: await sweepMessages(env, now, budget),
    deliveries: await sweepDue(env, now, budget),
    replayed: await sweepJobs(env, now, budget),
    resumed: await sweepResuming(env, now, budget),
  }
  log('sweep.finished', found)
  return found
}

async function sweepMessages(env: Env, now: number, budget: Budget): Promise<number> {
  let found = 0
  // At most a third of the budget: a dispatch that cannot succeed must not starve the deliveries.
  for (let page = 0; page < 5 && budget.take(3); page++) {
    const messages = await claimUndispatched(env, now, MESSAGES_PAGE)
    found += messages.length
    if (messages.length > 0 && !(await wakeOrRelease(env, messages))) break
    if (messages.length < MESSAGES_PAGE) break
  }
  return found
}

/** While the queue takes nothing, the wait does not grow: when it takes something again, nothing is late. */
async function wakeOrRelease(env: Env, messages: UndispatchedMessage[]): Promise<boolean> {
  const woken = await wakeDispatch(env, messages)
  if (!woken) await releaseUndispatched(env, messages)
  return woken
}

/** Endpoints with something to be done about what is parked: probes, pages, what a deleted one left. */
async function sweepResuming(env: Env, now: number, budget: Budget): Promise<number> {
  let found = 0
  while (budget.take(1)) {
    const endpoints = await listResuming(env, now, ENDPOINTS_PAGE)
    for (const endpoint of endpoints) {
      if (!budget.take(RESUME_CALLS)) return found
      found += await resume(env, endpoint, now)
    }
    if (endpoints.length < ENDPOINTS_PAGE) return found
  }
  return found
}

async function sweepDue(env: Env, now: number, budget: Budget): Promise<number> {
  let found = 0
  while (budget.take(1 + sendsFor(DUE_PAGE))) {
    const { leased, taken } = await claimDue(env, now, DUE_PAGE)
    found += leased.length
    // What could not be sent is leased: a later sweep finds it again.
    if (leased.length > 0 && !(await sendOrders(env, 'patient', byEndpoint(leased)))) break
    if (taken < DUE_PAGE) break
  }
  return found
}

/** Side by side in an order, the deliveries of a sick receiver hold up each other rather than everybody. */
function byEndpoint(refs: DeliveryRef[]): DeliveryRef[] {
  return refs.toSorted(
    (a, b) => compare(a.endpoint_id, b.endpoint_id) || compare(a.message_id, b.message_id)
  )
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b)
}
