import { columnsOf, columnsWithout } from '../../../kit/db/rows'
import { all, type Bound, run, statement } from '../../../kit/db/statements'
import { claiming, isInPage } from '../../../kit/sweep/oldest-rows'
import { canceledBy, deliveryCanBe } from '../../rules/delivering/delivery-state'
import { attempts, deliveries } from '../../tables/outgoing'
import type { DeliveryRef } from '../../work/orders'
import { IS_NOT_ERASED } from './erase'
import { LEASE_MS, leaseFrom } from './lease'
import { IS_FREE, isParking } from './parked'

/*
 * Writes to `deliveries` and `attempts`, apart from calls.ts and resend-store.ts. A list is one JSON parameter: one
 * query. Each is a compare-and-set, so a late writer changes nothing: test/worker/webhooks/send/delivery-states.test.ts
 * tries every state.
 */

export type DeliveryRow = typeof deliveries.$inferSelect
export type AttemptRow = typeof attempts.$inferSelect
/** What an attempt changes in a delivery. */
export type SettledDelivery = Omit<DeliveryRow, 'covered_by' | 'job_id' | 'prior_state'>

/** What a work order needs to know about a delivery. */
export const REF = 'endpoint_id, message_id, attempt_count, next_attempt_at as lease'

/**
 * If the endpoint was deleted during the attempt, the attempt counts and a success stays a success, but nothing
 * follows. Otherwise, a retry keeps its scheduled time while the breaker is closed or draining. If draining sent
 * retries first, a message that the receiver cannot accept would use up its schedule in minutes.
 */
const STAYS_CANCELED = `(deliveries.status = 'canceled' and j.value ->> 'status' <> 'delivered')`
const PARKS_RETRY = `exists (
      select 1 from endpoints e
      where e.id = j.value ->> 'endpoint_id' and ${isParking('drain')})`

const SETTLE_DELIVERIES = statement<{ deliveries: string }>(`
  update deliveries
  set status = iif(${STAYS_CANCELED}, deliveries.status, j.value ->> 'status'),
    reason = iif(${STAYS_CANCELED}, deliveries.reason, j.value ->> 'reason'),
    settled_at = iif(${STAYS_CANCELED}, deliveries.settled_at, j.value ->> 'settled_at'),
    next_attempt_at = case
      when ${STAYS_CANCELED} then null
      when j.value ->> 'next_attempt_at' is null then null
      when ${PARKS_RETRY} then null
      else j.value ->> 'next_attempt_at'
    end,
    job_id = null,
    prior_state = null,
    ${columnsOf(deliveries, 'trigger', 'attempt_count', 'step', 'last_status_code').assigned()}
  from json_each(:deliveries) j
  where deliveries.endpoint_id = j.value ->> 'endpoint_id'
    and deliveries.message_id = j.value ->> 'message_id'
    and ${deliveryCanBe('succeeded', 'deliveries')}
    and deliveries.attempt_count = (j.value ->> 'attempt_count') - 1`)

/** Writes the state of deliveries after an attempt. The first writer of an attempt wins. */
export function settleDeliveries(env: Env, settled: SettledDelivery[]): Bound<never> {
  return SETTLE_DELIVERIES(env, { deliveries: JSON.stringify(settled) })
}

/**
 * A response may repeat what was erased during the attempt.
 * @param condition SQL about the message `m`: whether what it reports is still there
 */
function inserting(condition: string) {
  const mayKeep = `exists (
      select 1 from messages m
      where m.id = j.value ->> 'message_id' and ${IS_NOT_ERASED} and ${condition})
    and exists (
      select 1 from endpoints e
      where e.id = j.value ->> 'endpoint_id' and e.status <> 'deleted')`
  return columnsOf(attempts).insertEach<AttemptRow, { attempts: string }>(
    'attempts',
    {
      response_excerpt: `iif(${mayKeep}, j.value ->> 'response_excerpt', null)`,
      response_headers: `iif(${mayKeep}, j.value ->> 'response_headers', null)`,
    },
    'where true on conflict do nothing'
  )
}

let INSERT_ATTEMPTS = inserting('true')

/**
 * After a removal, a response may repeat what the receiver remembers. The program calls this once, when it is loaded.
 * @param condition SQL about a message `m`: whether responses to it are kept
 */
export function keepResponsesIf(condition: string): void {
  INSERT_ATTEMPTS = inserting(condition)
}

/** Records each attempt only once, because its number is part of the key. */
export function insertAttempts(env: Env, made: AttemptRow[]): Bound<never> {
  return INSERT_ATTEMPTS(env, { attempts: JSON.stringify(made) })
}

/** Inserts the delivery of a test, which is settled from the start. */
export const insertSettledDelivery = columnsWithout(
  deliveries,
  'next_attempt_at',
  'trigger',
  'covered_by',
  'job_id',
  'prior_state'
).insert<Omit<SettledDelivery, 'next_attempt_at' | 'trigger'>>({}, 'where true on conflict do nothing')

const PARK_OR_CANCEL = statement<{ refs: string; now: number }>(`
  update deliveries
  set status = iif(e.status = 'deleted', 'canceled', 'pending'),
    reason = iif(e.status = 'deleted', 'endpoint_deleted', deliveries.reason),
    next_attempt_at = null,
    settled_at = iif(e.status = 'deleted', :now, null)
  from json_each(:refs) j
  join endpoints e on e.id = j.value ->> 'endpoint_id'
  where deliveries.endpoint_id = j.value ->> 'endpoint_id'
    and deliveries.message_id = j.value ->> 'message_id'
    and deliveries.attempt_count = j.value ->> 'attempt_count'
    and ${deliveryCanBe('parked', 'deliveries')}
    and (e.status = 'deleted' or ${isParking()})`)

/**
 * Parks deliveries that may not be sent, and cancels those to a deleted endpoint. If one may be sent after all, it
 * keeps its lease, and the sweep finds it: a closed breaker would never release it.
 */
export async function parkDeliveries(env: Env, refs: DeliveryRef[], now: number): Promise<void> {
  await run(parkStatement(env, refs, now))
}

export function parkStatement(env: Env, refs: DeliveryRef[], now: number): Bound<never> {
  return PARK_OR_CANCEL(env, { refs: JSON.stringify(refs), now })
}

/** How many of the latest deliveries are canceled with their endpoint. The sweep cancels older ones when due. */
const LATEST = 500

const CANCEL_LATEST = statement<{ endpoint_id: string; now: number; lease: number }>(`
  update deliveries
  set ${canceledBy('endpoint_deleted')}
  where ${deliveryCanBe('endpoint_deleted', 'deliveries')}
    and (next_attempt_at is null or next_attempt_at > :lease)
    and endpoint_id = :endpoint_id
    and message_id in (
      select message_id from deliveries
      where endpoint_id = :endpoint_id
      order by message_id desc
      limit ${LATEST})`)

/** Cancels the latest deliveries to an endpoint, except those that may be under way. */
export function cancelLatest(env: Env, endpoint_id: string, now: number): Bound<never> {
  return CANCEL_LATEST(env, { endpoint_id, now, lease: leaseFrom(now) })
}

/** The condition that a delivery is one of the first `:limit` parked ones of `:endpoint_id` that may be sent. */
function isFirstParked(order: 'asc' | 'desc' = 'asc'): string {
  const where = `endpoint_id = :endpoint_id and ${IS_FREE}`
  return isInPage(deliveries, { index: 'deliveries_parked', where, by: `message_id ${order}` })
}

const CANCEL_PARKED = statement<{ endpoint_id: string; now: number; limit: number }>(`
  update deliveries
  set ${canceledBy('endpoint_deleted')}
  where ${isFirstParked()}`)

/** Cancels a page of a deleted endpoint's parked deliveries. @returns how many were canceled */
export async function cancelParked(env: Env, endpoint_id: string, now: number, limit: number): Promise<number> {
  return run(CANCEL_PARKED(env, { endpoint_id, now, limit }))
}

/** A delivery behind a breaker is parked instead. */
const UNTIL = `iif(exists (select 1 from endpoints e where e.id = deliveries.endpoint_id and ${isParking()}),
      null, :now + ${LEASE_MS})`

const CLAIM_DUE = claiming(deliveries, {
  at: 'next_attempt_at',
  index: 'deliveries_due',
  until: UNTIL,
  set: 'reason = null',
  returns: ['endpoint_id', 'message_id', 'attempt_count', 'next_attempt_at'],
})

/** Claims deliveries that are due, or whose lease has ended. @returns those not parked, and how many were found */
export async function claimDueDeliveries(env: Env, now: number, limit: number) {
  const claimed = await all(CLAIM_DUE(env, { now, limit }))
  const leased = claimed.flatMap(({ next_attempt_at: lease, ...ref }) => (lease === null ? [] : [{ ...ref, lease }]))
  return { leased, found: claimed.length }
}

function release(order: 'asc' | 'desc') {
  return statement<{ endpoint_id: string; lease: number; limit: number }, DeliveryRef>(`
  update deliveries
  set next_attempt_at = :lease, reason = null
  where ${isFirstParked(order)}
  returning ${REF}`)
}
export const RELEASE = { oldest: release('asc'), newest: release('desc') }

/** Releases parked deliveries under a lease. @returns them, oldest first, because message ids sort by time */
export async function releaseParkedDeliveries(
  env: Env,
  endpoint_id: string,
  { from, ...page }: { from: 'oldest' | 'newest'; lease: number; limit: number }
): Promise<DeliveryRef[]> {
  const released = await all(RELEASE[from](env, { endpoint_id, ...page }))
  // `returning` does not guarantee an order.
  return released.toSorted((a, b) => (a.message_id < b.message_id ? -1 : 1))
}

/** How many parked deliveries of a deleted endpoint one statement cancels. */
export const CANCEL_PAGE = 1_000
