import { first } from '../../../kit/db/statements'
import { log } from '../../../log'
import { closeIfDrained, findResuming, healthOf, nextRev, type ResumingEndpoint } from '../../endpoints/health'
import { replaceHealth } from '../../endpoints/health/save'
import { type Release, type Wake, wake } from '../../rules/delivering/breaker'
import { isSlow } from '../../rules/delivering/endpoint-health'
import { isPaced } from '../../rules/delivering/pace'
import { type DeliveryRef, ORDER_SIZE } from '../../work/orders'
import { sendOrders } from '../../work/send-orders'
import { leaseFrom, pageLeaseFrom, SPREAD_SECONDS } from './lease'
import { CANCEL_PAGE, cancelParked, releaseCall, releaseParked } from './store'

/** The maximum number of platform calls that a release for one endpoint makes; see kit/sweep/subrequest-budget.ts. */
export const RELEASE_CALLS = 4
/** The fraction of its rate limit that a slow endpoint gets. */
const SLOW_PACE = 1 / 4

/** Handles a `resume` work order: releases parked deliveries to an endpoint, if a release is due. */
export async function resumeEndpoint(env: Env, endpoint_id: string, now: number): Promise<void> {
  const endpoint = await first(findResuming(env, endpoint_id, now))
  if (endpoint) await release(env, endpoint, now)
}

/** Sends a probe, or a page. `resume_at` moves on first, so a crash costs only time. @returns how many were released */
export async function release(env: Env, endpoint: ResumingEndpoint, now: number): Promise<number> {
  const { id, health_rev: before } = endpoint
  if (endpoint.status === 'deleted') return cancelPage(env, endpoint, now)
  const lease = isPaced(endpoint) ? leaseFrom(now) : pageLeaseFrom(now)
  const woken = wakeUntil(endpoint, now, lease)
  const after = { ...healthOf(endpoint), ...woken.after, health_rev: nextRev(before) }
  const saved = await first(replaceHealth(env, { id, before, after }, now))
  if (saved?.health_rev !== after.health_rev) return 0
  const limit = pageSize(endpoint, woken, now)
  // A digest reports everything up to its message.
  const from = endpoint.digest_hour === null ? woken.from : 'newest'
  const page = { from, lease, limit }
  const released = isPaced(endpoint) ? await releaseCall(env, id, page, now) : await releaseParked(env, id, page)
  await sendEvenly(env, released, woken.release)
  // The last page may be spread over a minute. Until it has been sent, what is new joins the end.
  const isSpread = released.length > ORDER_SIZE
  if (released.length < limit && !isSpread) await closeIfDrained(env, id, after.health_rev)
  log('endpoint.resumed', { endpoint_id: id, release: woken.release, deliveries: released.length })
  return released.length
}

/**
 * The next call to a paced endpoint waits for two leases, because an order may take a new lease just before the first
 * one ends. If no order comes, the sweep parks the delivery again after the first. Accepted race: if no sweep runs for
 * minutes, an even later order can make its call beside the next one.
 */
function wakeUntil(endpoint: ResumingEndpoint, now: number, lease: number): Wake {
  return isPaced(endpoint) ? wake(endpoint, now, leaseFrom(lease), true) : wake(endpoint, now, leaseFrom(now))
}

function pageSize(endpoint: ResumingEndpoint, woken: Wake, now: number): number {
  if (woken.release === 'probe' || isPaced(endpoint)) return 1
  const { rate_limit } = endpoint
  return isSlow(endpoint, now) ? Math.max(Math.floor(rate_limit * SLOW_PACE), 1) : rate_limit
}

/** Spreads the orders of a page evenly over time. A single order is sent immediately. */
async function sendEvenly(env: Env, refs: DeliveryRef[], release: Release): Promise<void> {
  const orders = Math.ceil(refs.length / ORDER_SIZE)
  const delaySeconds = (order: number) => Math.floor((order * SPREAD_SECONDS) / orders)
  await sendOrders(env, 'patient', refs, { release, delaySeconds })
}

async function cancelPage(env: Env, { id, health_rev }: ResumingEndpoint, now: number): Promise<number> {
  const canceled = await cancelParked(env, id, now, CANCEL_PAGE)
  if (canceled < CANCEL_PAGE) await closeIfDrained(env, id, health_rev)
  return canceled
}
