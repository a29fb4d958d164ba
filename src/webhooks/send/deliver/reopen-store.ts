import { type Bound, first, type Statement, statement } from '../../../kit/db/statements'
import type { jobs } from '../../tables/outgoing'
import type { DeliveryRef } from '../../work/orders'
import { isParked, parkingStates } from '../parked'
import { leaseFrom, pageLeaseFrom } from './lease'
import { IS_NOT_ERASED } from './removal/erase'
import { CANCEL_PAGE, type DeliveryRow, REF } from './store'

/* Writes to `deliveries` for a manual retry or a replay. */

type Key = Pick<DeliveryRow, 'endpoint_id' | 'message_id'>

const HASTEN = statement<Key & { lease: number; longest: number }, DeliveryRef>(`
  update deliveries
  set next_attempt_at = :lease, trigger = 'manual', reason = null
  where endpoint_id = :endpoint_id
    and message_id = :message_id
    and status = 'pending'
    and (next_attempt_at is null or next_attempt_at > :longest)
  returning ${REF}`)

/** Makes a delivery due now, at the same step. @returns null if it is settled, or so soon due that it may be sending */
export async function hastenDelivery(env: Env, key: Key, now: number): Promise<DeliveryRef | null> {
  return first(HASTEN(env, { ...key, lease: leaseFrom(now), longest: pageLeaseFrom(now) }))
}

/** The columns that a manual retry or a replay sets. The schedule starts again. */
const REOPENED = `status = 'pending', reason = null, trigger = 'manual', step = 0, settled_at = null`

const REOPEN_ONE = statement<Key & { lease: number }, DeliveryRef>(`
  update deliveries
  set ${REOPENED}, next_attempt_at = :lease
  where endpoint_id = :endpoint_id
    and message_id = :message_id
    and status <> 'pending'
    and exists (select 1 from messages m where m.id = :message_id and ${IS_NOT_ERASED})
  returning ${REF}`)

/** Reopens a settled delivery for one order. @returns null if it is pending or unknown, or if its message was erased */
export async function reopenDelivery(env: Env, key: Key, now: number): Promise<DeliveryRef | null> {
  return first(REOPEN_ONE(env, { ...key, lease: leaseFrom(now) }))
}

type ReplayJob = Pick<typeof jobs.$inferSelect, 'id' | 'endpoint_id' | 'only' | 'cursor'>
type ReplayPage = { job_id: string; endpoint_id: string; cursor: string; message_ids: string }

/** A replay page is written only if its job has not moved on and its endpoint is parking deliveries. */
const WHILE_RUNNING = `exists (
      select 1 from jobs
      where id = :job_id and state = 'running' and cursor = :cursor)
    and exists (
      select 1 from endpoints
      where id = :endpoint_id and status = 'enabled' and breaker in (${parkingStates()}))`

/** The messages of a replay page. A message that has been erased since the page was selected is left out. */
const PRESENT = `
    select m.id
    from json_each(:message_ids) j
    cross join messages m on m.id = j.value
    where ${IS_NOT_ERASED}`

function reopenParkedIf(condition: string): Statement<ReplayPage, never> {
  return statement(`
  update deliveries
  set ${REOPENED}, next_attempt_at = null
  where endpoint_id = :endpoint_id
    and message_id in (select id from (${PRESENT}))
    and ${condition}
    and ${WHILE_RUNNING}`)
}
/** A canceled replay has created the delivery, and nothing was sent: the message is still missing. */
export const IS_UNSENT = `reason = 'replay_canceled' and attempt_count = 0`

const REOPEN = {
  failed: reopenParkedIf(`status = 'failed'`),
  missing: reopenParkedIf(IS_UNSENT),
  all: reopenParkedIf(`status <> 'pending'`),
}

/** Reopens settled deliveries as parked ones, to be sent with the next pages. */
export function reopenParked(env: Env, job: ReplayJob, message_ids: string[]): Bound<never> {
  return REOPEN[job.only](env, pageOf(job, message_ids))
}

const CREATE_PARKED = statement<ReplayPage>(`
  insert or ignore into deliveries (endpoint_id, message_id, status, trigger)
  select :endpoint_id, id, 'pending', 'manual'
  from (${PRESENT} and (m.dispatched_at is not null or m.cursor >= :endpoint_id))
  where ${WHILE_RUNNING}`)

/** Creates missing deliveries as parked ones. A dispatch that has not got to the endpoint will create its own. */
export function createParked(env: Env, job: ReplayJob, message_ids: string[]): Bound<never> {
  return CREATE_PARKED(env, pageOf(job, message_ids))
}

function pageOf({ id, endpoint_id, cursor }: ReplayJob, message_ids: string[]): ReplayPage {
  return { job_id: id, endpoint_id, cursor, message_ids: JSON.stringify(message_ids) }
}

/** What a replay has queued and not sent. Others may have queued it, too: a delivery does not know who did. */
export const IS_QUEUED = `d.endpoint_id = :endpoint_id and ${isParked('d')} and d.trigger = 'manual'
      and d.message_id > :after and d.message_id <= :cursor`

const LAST_DELIVERED = `
      select max(a.started_at + a.duration_ms)
      from attempts a
      where a.endpoint_id = d.endpoint_id and a.message_id = d.message_id and a.outcome = 'delivered'`

/** A delivery is again what it was before the replay, so that another replay finds it. */
const CANCEL_REPLAYED = statement<{ endpoint_id: string; after: string; cursor: string; now: number }>(`
  update deliveries
  set status = iif(w.delivered_at is null, iif(w.failed_for is null, 'canceled', 'failed'), 'delivered'),
    reason = iif(w.delivered_at is null, coalesce(w.failed_for, 'replay_canceled'), null),
    settled_at = coalesce(w.delivered_at, :now)
  from (
    select d.message_id, (${LAST_DELIVERED}) as delivered_at, (
        select iif(a.error_class = 'gone', 'gone', iif(a.outcome = 'blocked', 'blocked', 'schedule_spent'))
        from attempts a
        where a.endpoint_id = d.endpoint_id and a.message_id = d.message_id and a.number = d.attempt_count) as failed_for
    from deliveries d indexed by deliveries_parked
    where ${IS_QUEUED}
    order by d.message_id
    limit ${CANCEL_PAGE}) w
  where deliveries.endpoint_id = :endpoint_id and deliveries.message_id = w.message_id`)

/** Cancels a page of what a replay has queued and not sent. @param after the message id before its first one */
export function cancelReplayed(
  env: Env,
  { endpoint_id, cursor }: Pick<ReplayJob, 'endpoint_id' | 'cursor'>,
  after: string,
  now: number
): Bound<never> {
  return CANCEL_REPLAYED(env, { endpoint_id, cursor, after, now })
}
