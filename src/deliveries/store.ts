import type { DeliveryState } from '../core/delivery-state'
import { FIRST_WAKE_MS, MAX_WAKE_MS } from '../core/retry-schedule'
import type { DeliveryRef } from '../env'
import { leaseFrom } from './lease'
import { healthOf, type Sending } from './sending'

/*
 * The writes of the outgoing journey. Each takes a list as one JSON parameter, so a statement costs one query however many
 * deliveries it moves, and never meets D1's limit of 100 parameters. Each is a compare-and-set, so a duplicate or late writer changes nothing.
 */

export interface LoadedOrder {
  sendings: Sending[]
  /** Deliveries whose endpoint is disabled or deleted: they are not attempted. */
  shelved: { ref: DeliveryRef; endpointStatus: 'disabled' | 'deleted' }[]
}

/**
 * What a work order names, if it is still to be done by this order: pending, not moved on, under the lease that the order carries. One round trip.
 * @param renew set when the order was late: it takes a new lease first, unless somebody else holds one that is not abandoned
 */
export async function loadOrder(
  env: Env,
  refs: DeliveryRef[],
  renew: { until: number; abandonedBefore: number } | null
): Promise<LoadedOrder> {
  const named = JSON.stringify(refs)
  if (!renew) return toOrder(await env.DB.prepare(loadSql('ref.lease')).bind(named).all<OrderRow>())
  const [claimed, loaded] = await env.DB.batch<OrderRow>([
    env.DB.prepare(RENEW).bind(named, renew.until, renew.abandonedBefore),
    env.DB.prepare(loadSql('?2')).bind(named, renew.until),
  ])
  const mine = new Set(claimed?.results.map(keyOf))
  return toOrder({ results: (loaded?.results ?? []).filter((row) => mine.has(keyOf(row))) })
}

const NAMED = `(select value ->> 'endpoint_id' as endpoint_id, value ->> 'message_id' as message_id,
  value ->> 'attempt_count' as attempt_count, value ->> 'lease' as lease from json_each(?1))`

const RENEW = `update deliveries set next_attempt_at = ?2 from ${NAMED} ref
  where deliveries.endpoint_id = ref.endpoint_id and deliveries.message_id = ref.message_id
    and deliveries.status = 'pending' and deliveries.attempt_count = ref.attempt_count
    and (deliveries.next_attempt_at = ref.lease or deliveries.next_attempt_at < ?3)
  returning endpoint_id, message_id`

function loadSql(lease: string): string {
  return `select d.endpoint_id, d.message_id, d.reason, d.trigger, d.attempt_count, d.step, d.next_attempt_at,
      e.status as endpoint_status, e.url, e.secrets, e.consecutive_failures, e.slow_until, m.payload
    from ${NAMED} ref
    cross join deliveries d on d.endpoint_id = ref.endpoint_id and d.message_id = ref.message_id
    join endpoints e on e.id = d.endpoint_id join messages m on m.id = d.message_id
    where d.status = 'pending' and d.attempt_count = ref.attempt_count and d.next_attempt_at = ${lease}`
}

interface OrderRow {
  endpoint_id: string
  message_id: string
  reason: DeliveryState['reason']
  trigger: DeliveryState['trigger']
  attempt_count: number
  step: number
  next_attempt_at: number
  endpoint_status: 'enabled' | 'disabled' | 'deleted'
  url: string
  secrets: string
  consecutive_failures: number
  slow_until: number | null
  payload: string
}

function keyOf(row: { endpoint_id: string; message_id: string }): string {
  return `${row.endpoint_id} ${row.message_id}`
}

function toOrder({ results }: { results: OrderRow[] }): LoadedOrder {
  const order: LoadedOrder = { sendings: [], shelved: [] }
  for (const row of results) {
    if (row.endpoint_status === 'enabled') order.sendings.push(toSending(row))
    else order.shelved.push({ ref: toRef(row), endpointStatus: row.endpoint_status })
  }
  return order
}

function toRef(row: OrderRow): DeliveryRef {
  const { endpoint_id, message_id, attempt_count, next_attempt_at } = row
  return { endpoint_id, message_id, attempt_count, lease: next_attempt_at }
}

function toSending(row: OrderRow): Sending {
  const state: DeliveryState = {
    status: 'pending',
    reason: row.reason,
    trigger: row.trigger,
    attemptCount: row.attempt_count,
    step: row.step,
    nextAttemptAt: row.next_attempt_at,
  }
  return {
    endpoint: { id: row.endpoint_id, url: row.url, secrets: row.secrets, health: healthOf(row) },
    message: { id: row.message_id, payload: row.payload },
    state,
  }
}

/**
 * Parks the deliveries of disabled endpoints (nothing is dropped) and cancels those of deleted ones. An endpoint that was enabled since it was
 * read keeps its deliveries leased, so that the sweep brings them back: parked, nobody would look for them any more.
 */
export async function shelveDeliveries(
  env: Env,
  shelved: LoadedOrder['shelved'],
  now: number
): Promise<void> {
  await env.DB.prepare(
    `update deliveries set
       status = case j.value ->> 'endpoint_status' when 'deleted' then 'canceled' else 'pending' end,
       reason = 'endpoint_' || (j.value ->> 'endpoint_status'), next_attempt_at = null,
       settled_at = case j.value ->> 'endpoint_status' when 'deleted' then ?2 end
     from json_each(?1) j
     where deliveries.endpoint_id = j.value ->> 'endpoint_id' and deliveries.message_id = j.value ->> 'message_id'
       and deliveries.status = 'pending' and deliveries.attempt_count = j.value ->> 'attempt_count'
       and exists (select 1 from endpoints e
         where e.id = deliveries.endpoint_id and e.status = j.value ->> 'endpoint_status')`
  )
    .bind(
      JSON.stringify(
        shelved.map(({ ref, endpointStatus }) => ({ ...ref, endpoint_status: endpointStatus }))
      ),
      now
    )
    .run()
}

/** How many of an endpoint's latest deliveries are looked at when it is deleted. What is older, or may be under way, is canceled when its time comes. */
const LATEST = 500

export function cancelLatest(env: Env, endpointId: string, now: number): D1PreparedStatement {
  return env.DB.prepare(
    `update deliveries set status = 'canceled', reason = 'endpoint_deleted', next_attempt_at = null, settled_at = ?2
     where status = 'pending' and (next_attempt_at is null or next_attempt_at > ?3) and endpoint_id = ?1 and message_id in (
       select message_id from deliveries where endpoint_id = ?1 order by message_id desc limit ${LATEST})`
  ).bind(endpointId, now, leaseFrom(now))
}

/** Takes what is due, or whose lease has run out, by pushing the time by a lease: two sweeps never take the same. */
export async function claimDue(env: Env, now: number, limit: number): Promise<DeliveryRef[]> {
  const { results } = await env.DB.prepare(
    `update deliveries set next_attempt_at = ?2
     where (endpoint_id, message_id) in (
       select endpoint_id, message_id from deliveries
       where next_attempt_at is not null and next_attempt_at <= ?1 order by next_attempt_at limit ?3)
     returning endpoint_id, message_id, attempt_count, next_attempt_at as lease`
  )
    .bind(now, leaseFrom(now), limit)
    .all<DeliveryRef>()
  return results
}

/** Lets parked deliveries of an enabled endpoint go, oldest first. @returns them, leased */
export async function resumeParked(
  env: Env,
  endpointId: string,
  now: number,
  limit: number
): Promise<DeliveryRef[]> {
  const { results } = await env.DB.prepare(
    `update deliveries set next_attempt_at = ?2, reason = case when step > 0 then 'retrying' end
     where (endpoint_id, message_id) in (
       select endpoint_id, message_id from deliveries indexed by deliveries_parked
       where endpoint_id = ?1 and status = 'pending' and next_attempt_at is null order by message_id limit ?3)
     returning endpoint_id, message_id, attempt_count, next_attempt_at as lease`
  )
    .bind(endpointId, leaseFrom(now), limit)
    .all<DeliveryRef>()
  return results
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
 * A person will not wait: a retry that is scheduled for later is leased to an order of now. It keeps its place in the schedule. What
 * is within a lease of its time may be under way, and is left alone.
 */
export async function hastenDelivery(
  env: Env,
  key: { endpointId: string; messageId: string },
  now: number
): Promise<DeliveryRef | null> {
  return env.DB.prepare(
    `update deliveries set next_attempt_at = ?3, trigger = 'manual', reason = null
     where endpoint_id = ?1 and message_id = ?2 and status = 'pending' and next_attempt_at > ?3
     returning endpoint_id, message_id, attempt_count, next_attempt_at as lease`
  )
    .bind(key.endpointId, key.messageId, leaseFrom(now))
    .first<DeliveryRef>()
}

/**
 * A person asks again: re-opens a settled delivery with a fresh schedule, leased to the order that will be sent for it.
 * @returns null when it was pending (or is not there): then nothing was changed
 */
export async function reopenDelivery(
  env: Env,
  key: { endpointId: string; messageId: string },
  now: number
): Promise<DeliveryRef | null> {
  return env.DB.prepare(
    `update deliveries set status = 'pending', reason = null, trigger = 'manual', step = 0,
       next_attempt_at = ?3, settled_at = null
     where endpoint_id = ?1 and message_id = ?2 and status <> 'pending'
     returning endpoint_id, message_id, attempt_count, next_attempt_at as lease`
  )
    .bind(key.endpointId, key.messageId, leaseFrom(now))
    .first<DeliveryRef>()
}
