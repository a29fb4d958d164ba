import { all } from '../../kit/db/statements'
import type { Chore } from '../../kit/sweep/subrequest-budget'
import { listResuming } from '../endpoints/health'
import type { DeliveryRef } from '../work/orders'
import { sendOrders, sendsFor, wakeDispatch } from '../work/send-orders'
import { CLAIM_UNDISPATCHED, releaseUndispatched } from './deliver/dispatch'
import { release, releaseCalls } from './deliver/release-parked'
import { claimDueDeliveries } from './deliver/store'

const MESSAGES_PAGE = 100
/** How many deliveries one statement claims. They fill 34 work orders, which one queue call sends. */
const DUE_PAGE = 400
const ENDPOINTS_PAGE = 10

/* Step 6, sweep: finds what is due, stuck or lost. Two may run at once: all work is claimed first, or is idempotent. */

/** @returns how many messages were due to be dispatched */
export const sweepMessages: Chore = async (env, now, budget) => {
  let found = 0
  // This uses at most a third of the budget, because dispatches that cannot succeed must not starve the deliveries.
  for (let page = 0; page < 5 && budget.take(3); page++) {
    const claimed = await all(CLAIM_UNDISPATCHED(env, { now, limit: MESSAGES_PAGE }))
    found += claimed.length
    if (!(await wakeDispatch(env, claimed))) {
      // The queue is refusing messages. The wait does not grow, so that nothing is late when the queue recovers.
      await releaseUndispatched(env, claimed)
      break
    }
    if (claimed.length < MESSAGES_PAGE) break
  }
  return found
}

/** @returns how many deliveries were claimed */
export const sweepDue: Chore = async (env, now, budget) => {
  let total = 0
  while (budget.take(1 + sendsFor(DUE_PAGE))) {
    const { leased, found } = await claimDueDeliveries(env, now, DUE_PAGE)
    total += leased.length
    // If the queue refuses the orders, the deliveries keep their leases and a later sweep finds them.
    if (!(await sendOrders(env, 'patient', byEndpoint(leased))) || found < DUE_PAGE) break
  }
  return total
}

/** Deliveries to one endpoint share work orders, so a failing receiver delays only its own deliveries. */
function byEndpoint(refs: DeliveryRef[]): DeliveryRef[] {
  const keyOf = ({ endpoint_id, message_id }: DeliveryRef) => `${endpoint_id} ${message_id}`
  return refs.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
}

/** Endpoints that need a probe, the next page, or canceling. @returns how many deliveries were released */
export const sweepResuming: Chore = async (env, now, budget) => {
  let released = 0
  while (budget.take(1)) {
    const endpoints = await listResuming(env, now, ENDPOINTS_PAGE)
    for (const endpoint of endpoints) {
      if (!budget.take(releaseCalls(endpoint))) return released
      released += await release(env, endpoint, now)
    }
    if (endpoints.length < ENDPOINTS_PAGE) return released
  }
  return released
}
