import { type Bound, batchNamed, first, run } from '../../../kit/db/statements'
import { log } from '../../../log'
import {
  closeIfDrained,
  endOutage,
  findResuming,
  healthOf,
  nextRev,
  type ResumingEndpoint,
  replaceHealth,
} from '../../endpoints/health'
import { lastAttempts } from '../../endpoints/last-answers'
import type { Release } from '../../rules/delivering/breaker'
import { isSlow, isUnstable, STABLE_AFTER_MS } from '../../rules/delivering/endpoint-health'
import { getsCalls, isPaced, paceOf } from '../../rules/delivering/pace'
import { afterClock, type Due } from '../../rules/delivering/waiting'
import { type DeliveryRef, ORDER_SIZE } from '../../work/orders'
import { sendOrders, wakeDispatch } from '../../work/send-orders'
import { releaseCall } from './calls'
import { leaseFrom, pageLeaseFrom, SPREAD_SECONDS } from './lease'
import { endpointEvent, insertEvents } from './operational-events'
import { CANCEL_PAGE, cancelParked, releaseParkedDeliveries } from './store'

/* What the clock does to an endpoint when it reaches `resume_at`: webhooks/rules/delivering/waiting.ts has the rules. */

/** @returns the maximum number of platform calls that `release` makes; see kit/sweep/subrequest-budget.ts */
export function releaseCalls(endpoint: ResumingEndpoint): number {
  if (endpoint.status === 'deleted') return 2
  return (isUnstable(endpoint) ? 7 : 4) + (isPaced(endpoint) ? 2 : 0)
}

/** The fraction of its rate limit that a slow endpoint gets. */
const SLOW_PACE = 1 / 4

/** Handles a `resume` work order: releases parked deliveries to an endpoint, if a release is due. */
export async function resumeEndpoint(env: Env, endpoint_id: string, now: number): Promise<void> {
  const endpoint = await first(findResuming(env, endpoint_id, now))
  if (endpoint) await release(env, endpoint, now)
}

/**
 * Sends a probe, a page or a call. `resume_at` moves on first, so a crash costs only time.
 * @returns how many were released
 */
export async function release(env: Env, endpoint: ResumingEndpoint, now: number): Promise<number> {
  const { id, health_rev: before } = endpoint
  if (endpoint.status === 'deleted') return cancelPage(env, endpoint, now)
  if (endpoint.breaker === 'closed') {
    await recover(env, endpoint, null, now)
    return 0
  }
  const pace = paceOf(endpoint)
  const lease = isPaced(endpoint) ? leaseFrom(now) : pageLeaseFrom(now)
  const due = afterClock(endpoint, pace, now, leaseFrom(isPaced(endpoint) ? lease : now))
  const after = { ...healthOf(endpoint), ...due.after, ...stableLater(endpoint, now), health_rev: nextRev(before) }
  const saved = await first(replaceHealth(env, { id, before, after }, now))
  if (saved?.health_rev !== after.health_rev) return 0
  const limit = pageSize(endpoint, due, now)
  const released = getsCalls(pace)
    ? await releaseCall(env, endpoint, lease)
    : await releaseParkedDeliveries(env, id, { from: due.from, lease, limit })
  await sendEvenly(env, released, due.release)
  // The last page may be spread over a minute. Until it has been sent, what is new joins the end.
  const isSpread = released.length > ORDER_SIZE
  const isOver = isUnstable(endpoint) && (endpoint.stable_at ?? 0) <= now && released.length === 0
  if (released.length < limit && !isSpread) await drained(env, { ...endpoint, ...after }, isOver, now)
  log('endpoint.resumed', { endpoint_id: id, release: due.release, deliveries: released.length })
  return released.length
}

/** A page can still fail, so the endpoint is not stable before it has been sent. */
function stableLater(endpoint: ResumingEndpoint, now: number) {
  return isUnstable(endpoint) && { stable_at: now + STABLE_AFTER_MS }
}

/**
 * Closes the breaker, unless something waits. If nothing has waited since the first success, the outage is over.
 * @param endpoint with the revision that the release has written @param isOver whether the outage may end now
 */
async function drained(env: Env, endpoint: ResumingEndpoint, isOver: boolean, now: number): Promise<void> {
  const { id, health_rev } = endpoint
  const closed_rev = nextRev(health_rev)
  const closing = closeIfDrained(env, { id, before: health_rev, health_rev: closed_rev })
  if (!isOver) return void (await run(closing))
  await recover(env, { ...endpoint, health_rev: closed_rev }, closing, now)
}

/** The outage ends, in the batch that announces it. @param before the statement that comes first */
async function recover(env: Env, endpoint: ResumingEndpoint, before: Bound<never> | null, now: number): Promise<void> {
  const { id, stable_at } = endpoint
  const last = (await lastAttempts(env, [id])).get(id)
  const health_rev = nextRev(endpoint.health_rev)
  const event = {
    endpoint,
    event: { type: 'endpoint.recovered' as const },
    health: endpoint,
    attempt: last,
    health_rev,
  }
  const ending = endOutage(env, { id, before: endpoint.health_rev, by: stable_at ?? now, health_rev })
  const announcing = insertEvents(env, isUnstable(endpoint) ? [endpointEvent(event, now)] : [], now)
  const written = await batchNamed(env, { closed: before, ended: ending, events: announcing })
  await wakeDispatch(env, written.events)
}

function pageSize(endpoint: ResumingEndpoint, due: Due, now: number): number {
  if (due.release === 'probe' || isPaced(endpoint)) return 1
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
  if (canceled < CANCEL_PAGE)
    await run(closeIfDrained(env, { id, before: health_rev, health_rev: nextRev(health_rev) }))
  return canceled
}
