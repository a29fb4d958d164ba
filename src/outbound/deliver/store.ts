import { FIRST_WAKE_MS, MAX_WAKE_MS } from '../../core/delivering/retry-schedule'
import type { DeliveryRef } from '../../queue/orders'
import { leaseFrom } from './lease'

/*
 * The writes of the outgoing journey. Each takes a list as one JSON parameter, so a statement costs one query however many
 * deliveries it moves, and never meets D1's limit of 100 parameters. Each is a compare-and-set, so a duplicate or late writer changes nothing.
 */

/** How many of an endpoint's latest deliveries are looked at when it is deleted. What is older, or may be under way, is canceled when its time comes. */
const LATEST = 500

export function cancelLatest(env: Env, endpointId: string, now: number): D1PreparedStatement {
  return env.DB.prepare(
    `update deliveries set status = 'canceled', reason = 'endpoint_deleted', next_attempt_at = null, settled_at = ?2
     where status = 'pending' and (next_attempt_at is null or next_attempt_at > ?3) and endpoint_id = ?1 and message_id in (
       select message_id from deliveries where endpoint_id = ?1 order by message_id desc limit ${LATEST})`
  ).bind(endpointId, now, leaseFrom(now))
}

/** Whether an endpoint's deliveries are to be parked, whatever they were. What a deleted one still has is canceled by the order that finds it so. */
const PARKED = `(select e.status = 'disabled' or (e.status = 'enabled' and e.breaker <> 'closed')
  from endpoints e where e.id = deliveries.endpoint_id)`

/**
 * Takes what is due, or whose lease has run out, by pushing the time by a lease: two sweeps never take the same. What is due behind a breaker is
 * parked instead.
 * @returns what was leased, and how many were taken in all
 */
export async function claimDue(
  env: Env,
  now: number,
  limit: number
): Promise<{ leased: DeliveryRef[]; taken: number }> {
  const { results } = await env.DB.prepare(
    `update deliveries set
       next_attempt_at = case when ${PARKED} then null else ?2 end
     where (endpoint_id, message_id) in (
       select endpoint_id, message_id from deliveries
       where next_attempt_at is not null and next_attempt_at <= ?1 order by next_attempt_at limit ?3)
     returning endpoint_id, message_id, attempt_count, next_attempt_at as lease`
  )
    .bind(now, leaseFrom(now), limit)
    .all<DeliveryRef>()
  return { leased: results.filter(({ lease }) => lease !== null), taken: results.length }
}

/**
 * Lets parked deliveries go: the order of the index is the order of time.
 * @param until the lease that they get
 * @returns them, oldest first
 */
export async function releaseParked(
  env: Env,
  endpointId: string,
  { limit, from, until }: { limit: number; from: 'oldest' | 'newest'; until: number }
): Promise<DeliveryRef[]> {
  const { results } = await env.DB.prepare(
    `update deliveries set next_attempt_at = ?2, reason = null
     where (endpoint_id, message_id) in (
       select endpoint_id, message_id from deliveries indexed by deliveries_parked
       where endpoint_id = ?1 and status = 'pending' and next_attempt_at is null
       order by message_id ${from === 'oldest' ? 'asc' : 'desc'} limit ?3)
     returning endpoint_id, message_id, attempt_count, next_attempt_at as lease`
  )
    .bind(endpointId, until, limit)
    .all<DeliveryRef>()
  // `RETURNING` has no order of its own.
  return results.toSorted((a, b) => (a.message_id < b.message_id ? -1 : 1))
}

/** Cancels a page of what is parked for a deleted endpoint. @returns how many */
export async function cancelParked(
  env: Env,
  endpointId: string,
  now: number,
  limit: number
): Promise<number> {
  const { meta } = await env.DB.prepare(
    `update deliveries set status = 'canceled', reason = 'endpoint_deleted', settled_at = ?2
     where (endpoint_id, message_id) in (
       select endpoint_id, message_id from deliveries indexed by deliveries_parked
       where endpoint_id = ?1 and status = 'pending' and next_attempt_at is null order by message_id limit ?3)`
  )
    .bind(endpointId, now, limit)
    .run()
  return meta.changes
}

/**
 * Takes messages whose dispatch is overdue, by pushing the time of their next wake-up: a dispatch that cannot succeed is not tried each
 * minute. The wait doubles by how far it had come, not by age: a message that nobody could wake meanwhile has not failed.
 */
export async function claimUndispatched(
  env: Env,
  now: number,
  limit: number
): Promise<UndispatchedMessage[]> {
  const { results } = await env.DB.prepare(
    `update messages set wake_at = ?1 + min(max(wake_at - created_at, ${FIRST_WAKE_MS}), ${MAX_WAKE_MS})
     where id in (select id from messages
       where dispatched_at is null and wake_at <= ?1 order by wake_at limit ?2)
     returning id, type, wake_at`
  )
    .bind(now, limit)
    .all<UndispatchedMessage>()
  return results
}

export interface UndispatchedMessage {
  id: string
  type: string
  wake_at: number
}

/** Gives back what was claimed and could not be woken: due at once, and the wait begins anew. Not what somebody else has claimed since. */
export async function releaseUndispatched(env: Env, claimed: UndispatchedMessage[]): Promise<void> {
  await env.DB.prepare(
    `update messages set wake_at = created_at from json_each(?1) j
     where messages.id = j.value ->> 'id' and messages.wake_at = j.value ->> 'wake_at' and dispatched_at is null`
  )
    .bind(JSON.stringify(claimed))
    .run()
}

/**
 * A person will not wait: a retry that is scheduled for later, or parked, is leased to an order of now. It keeps its place in the schedule. What
 * is within a lease of its time may be under way, and is left alone.
 */
export async function hastenDelivery(
  env: Env,
  key: { endpoint_id: string; message_id: string },
  now: number
): Promise<DeliveryRef | null> {
  return env.DB.prepare(
    `update deliveries set next_attempt_at = ?3, trigger = 'manual', reason = null
     where endpoint_id = ?1 and message_id = ?2 and status = 'pending' and (next_attempt_at is null or next_attempt_at > ?3)
     returning endpoint_id, message_id, attempt_count, next_attempt_at as lease`
  )
    .bind(key.endpoint_id, key.message_id, leaseFrom(now))
    .first<DeliveryRef>()
}

/**
 * A person asks again: re-opens a settled delivery with a fresh schedule, leased to the order that will be sent for it.
 * @returns null when it was pending (or is not there): then nothing was changed
 */
export async function reopenDelivery(
  env: Env,
  key: { endpoint_id: string; message_id: string },
  now: number
): Promise<DeliveryRef | null> {
  return env.DB.prepare(
    `update deliveries set status = 'pending', reason = null, trigger = 'manual', step = 0,
       next_attempt_at = ?3, settled_at = null
     where endpoint_id = ?1 and message_id = ?2 and status <> 'pending'
     returning endpoint_id, message_id, attempt_count, next_attempt_at as lease`
  )
    .bind(key.endpoint_id, key.message_id, leaseFrom(now))
    .first<DeliveryRef>()
}

/** A page of a replay goes only while its job is where it was, and behind a breaker that will let it go. */
const WHILE_RUNNING = `exists (select 1 from jobs where id = ?3 and state = 'running' and cursor = ?4)
  and exists (select 1 from endpoints where id = ?1 and status = 'enabled' and breaker <> 'closed')`

interface ReplayJob {
  id: string
  endpoint_id: string
  only: 'failed' | 'missing' | 'all'
  cursor: string
}

/** Re-opens settled deliveries with a fresh schedule, parked: they go with the next pages of what is parked. */
export function reopenParked(env: Env, job: ReplayJob, messageIds: string[]): D1PreparedStatement {
  const settled = job.only === 'failed' ? `status = 'failed'` : `status <> 'pending'`
  return env.DB.prepare(
    `update deliveries set status = 'pending', reason = null, trigger = 'manual', step = 0, next_attempt_at = null, settled_at = null
     where endpoint_id = ?1 and message_id in (select value from json_each(?2)) and ${settled} and ${WHILE_RUNNING}`
  ).bind(job.endpoint_id, JSON.stringify(messageIds), job.id, job.cursor)
}

/** Makes the deliveries that never were, parked. */
export function createParked(env: Env, job: ReplayJob, messageIds: string[]): D1PreparedStatement {
  return env.DB.prepare(
    `insert or ignore into deliveries (endpoint_id, message_id, status, trigger)
     select ?1, value, 'pending', 'manual' from json_each(?2) where ${WHILE_RUNNING}`
  ).bind(job.endpoint_id, JSON.stringify(messageIds), job.id, job.cursor)
}
