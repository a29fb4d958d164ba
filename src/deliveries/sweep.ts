import { finishResuming, listResuming } from '../endpoints/store'
import type { DeliveryRef } from '../env'
import { log } from '../log'
import { type Budget, openBudget } from './budget'
import { sendOrders, sendsFor, wakeDispatch } from './queue'
import {
  claimDue,
  claimUndispatched,
  releaseUndispatched,
  resumeParked,
  type UndispatchedMessage,
} from './store'

const MESSAGES_PAGE = 100
/** Deliveries taken by one statement: 25 work orders, one queue call. */
export const DUE_PAGE = 300
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

/** Endpoints that were enabled again: their parked deliveries go, oldest first. */
async function sweepResuming(env: Env, now: number, budget: Budget): Promise<number> {
  if (!budget.take(1)) return 0
  let found = 0
  for (const endpointId of await listResuming(env, now, ENDPOINTS_PAGE)) {
    if (!budget.take(3)) break
    found += await resumeEndpoint(env, endpointId, now)
  }
  return found
}

/** One page of an endpoint's parked deliveries; with the last page, the endpoint is done resuming. */
export async function resumeEndpoint(env: Env, endpointId: string, now: number): Promise<number> {
  const parked = await resumeParked(env, endpointId, now, DUE_PAGE)
  if (parked.length > 0) await sendOrders(env, 'patient', inOrder(parked))
  if (parked.length < DUE_PAGE) await finishResuming(env, endpointId, now)
  return parked.length
}

async function sweepDue(env: Env, now: number, budget: Budget): Promise<number> {
  let found = 0
  while (budget.take(1 + sendsFor(DUE_PAGE))) {
    const due = await claimDue(env, now, DUE_PAGE)
    found += due.length
    // What could not be sent is leased: a later sweep finds it again.
    if (due.length > 0 && !(await sendOrders(env, 'patient', byEndpoint(due)))) break
    if (due.length < DUE_PAGE) break
  }
  return found
}

/** Side by side in an order, the deliveries of a sick receiver hold up each other rather than everybody. */
function byEndpoint(refs: DeliveryRef[]): DeliveryRef[] {
  return refs.toSorted(
    (a, b) => compare(a.endpoint_id, b.endpoint_id) || compare(a.message_id, b.message_id)
  )
}

/** `RETURNING` has no order of its own. */
function inOrder(refs: DeliveryRef[]): DeliveryRef[] {
  return refs.toSorted((a, b) => compare(a.message_id, b.message_id))
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b)
}
