import { type Wake, wake } from '../../core/delivering/breaker'
import { isSlow } from '../../core/delivering/endpoint-health'
import {
  closeIfDrained,
  type EndpointHealthRow,
  newRev,
  readHealth,
  saveHealth,
  storedHealth,
} from '../../endpoints/health'
import { log } from '../../log'
import type { DeliveryRef } from '../../queue/orders'
import { ORDER_SIZE, sendOrders } from '../../queue/send'
import { leaseFrom } from './lease'
import { cancelParked, releaseParked } from './store'

/** Calls to the platform that one endpoint takes; see budget.ts. */
export const RESUME_CALLS = 4
/** A page is spread over this long, so that a receiver that has just come back is not thrown at. */
const SPREAD_SECONDS = 50
/** Of its pace for a receiver that is slow, or said to be under load. */
const SLOW_PACE = 1 / 4
const CANCEL_PAGE = 1_000

/** As a work order asks: sees to what is parked for an endpoint, if that is due. */
export async function resumeEndpoint(env: Env, endpointId: string, now: number): Promise<void> {
  const [row] = await readHealth(env, [endpointId])
  if (row?.resume_at != null && row.resume_at <= now) await resume(env, row, now)
}

/**
 * What is due at an endpoint's `resume_at`: a probe, or the next page of what is parked. First the endpoint's time is pushed on, then deliveries
 * are let go: dying between the two costs time, and nothing else.
 * @returns how many deliveries were let go
 */
export async function resume(env: Env, row: EndpointHealthRow, now: number): Promise<number> {
  if (row.status === 'deleted') return cancelPage(env, row, now)
  const { health, rev } = storedHealth(row)
  const woken = wake(health.breaker, now, leaseFrom(now))
  const after = { health: { ...health, breaker: woken.breaker }, rev: newRev() }
  const change = { id: row.id, before: rev, after, disable: null }
  const saved = await saveHealth(env, [change], now).all()
  if (saved.results.length === 0) return 0
  const limit = pageSize(row, woken, now)
  const released = await letGo(env, row.id, woken, limit, now)
  if (released < limit) await closeIfDrained(env, row.id, after.rev)
  log('endpoint.resumed', { endpoint_id: row.id, release: woken.release, deliveries: released })
  return released
}

function pageSize(row: EndpointHealthRow, { release }: Wake, now: number): number {
  if (release === 'probe') return 1
  const slow = isSlow({ slow_until: row.slow_until }, now)
  return slow ? Math.max(Math.floor(row.rate_limit * SLOW_PACE), 1) : row.rate_limit
}

async function letGo(
  env: Env,
  endpointId: string,
  { release, from }: Wake,
  limit: number,
  now: number
): Promise<number> {
  const until = leaseFrom(now + SPREAD_SECONDS * 1_000)
  const refs = await releaseParked(env, endpointId, { limit, from, until })
  if (refs.length > 0)
    await sendOrders(env, 'patient', refs, { release, delaySeconds: spread(refs) })
  return refs.length
}

/** Orders of a page leave evenly; a few leave at once. */
function spread(refs: DeliveryRef[]): (order: number) => number {
  const orders = Math.ceil(refs.length / ORDER_SIZE)
  return (order) => Math.floor((order * SPREAD_SECONDS) / orders)
}

async function cancelPage(env: Env, row: EndpointHealthRow, now: number): Promise<number> {
  const canceled = await cancelParked(env, row.id, now, CANCEL_PAGE)
  if (canceled < CANCEL_PAGE) await closeIfDrained(env, row.id, row.health_rev)
  return canceled
}
