import { all, type Bound, first, type Statement, statement, type Values } from '../../../kit/db/statements'
import { canceledBy, isParked, isUnderWay } from '../../rules/delivering/delivery-state'
import type { DeliveryRef } from '../../work/orders'
import { IS_NOT_ERASED } from './erase'
import { leaseFrom } from './lease'
import { IS_FREE, isCalling, parkingStates } from './parked'
import { type DeliveryRow, REF } from './store'

/* Writes to `deliveries` for what a person asks: send again, or discard. resend/ has what is selected. */

/** The states in which a delivery can be selected. `missing`: the endpoint has none, although it wants the message. */
export const SELECTABLE = ['waiting', 'failed', 'delivered', 'discarded', 'missing'] as const
export type Selectable = (typeof SELECTABLE)[number]

/** A stopped selection had created the delivery, and nothing was sent: the message is still missing. */
const IS_UNSENT = `d.reason = 'replay_canceled' and d.attempt_count = 0`

/**
 * SQL for the state of the delivery `d`, if there is one. What a call has reported was delivered with that call, and
 * what one reports now is under way with it.
 */
export const STATE = `case
      when d.status is null or (${IS_UNSENT}) then 'missing'
      when ${isUnderWay('d')} or (${isParked('d')} and ${isCalling('d')}) then 'under_way'
      when d.status = 'pending' then 'waiting'
      when d.status = 'failed' then 'failed'
      when d.status = 'delivered' or d.reason = 'coalesced' then 'delivered'
      else 'discarded'
    end`

/** What acts on an endpoint: a job that has not moved on since its page was read, or a request itself. */
export interface Acting {
  job: { id: string; endpoint_id: string; cursor: string } | null
  endpoint_id: string
}

type Page = { job_id: string | null; position: string | null; endpoint_id: string; ids: string }
type InState = Page & { states: string }

function pageOf({ job, endpoint_id }: Acting, ids: string[]): Page {
  const position = job && `${job.endpoint_id} ${job.cursor}`
  return { job_id: job?.id ?? null, position, endpoint_id, ids: JSON.stringify(ids) }
}

/** The delivery `d` is still in a selected state. It may have been sent, or discarded, since the page was read. */
const IS_IN_STATE = `${STATE} in (select value from json_each(:states))`

const IS_RUNNING = `(:job_id is null or exists (
      select 1 from jobs
      where id = :job_id and state = 'running' and endpoint_id || ' ' || cursor = :position))`

/** A delivery with a lease is sent at once, to an endpoint that is enabled. Another one is parked. */
const MAY_ASK = `exists (
      select 1 from endpoints
      where id = :endpoint_id and iif(:lease is null,
        status = 'disabled' or (status = 'enabled' and breaker in (${parkingStates()})), status = 'enabled'))`

/** The messages of a page. One that has been erased since the page was selected is left out. */
const PRESENT = `
    select m.id
    from json_each(:ids) j
    cross join messages m on m.id = j.value
    where ${IS_NOT_ERASED}`

/** What the delivery is before the selection, so that a stopped one can leave it as it was. */
const PRIOR_STATE = `json_object('status', status, 'reason', reason, 'trigger', trigger, 'step', step,
      'next_attempt_at', next_attempt_at, 'settled_at', settled_at, 'covered_by', covered_by)`

/** What a manual retry or a selection sets. What was settled starts its schedule again. */
const ASKED = `status = 'pending', reason = null, trigger = 'manual', settled_at = null, next_attempt_at = :lease,
    step = iif(status = 'pending', step, 0)`

/** Without a job, the delivery no longer belongs to an earlier one: who stops that one does not take this back. */
const RESEND = statement<InState & { lease: number | null }, DeliveryRef>(`
  update deliveries as d
  set ${ASKED},
    job_id = :job_id,
    prior_state = iif(:job_id is null, null, coalesce(prior_state, ${PRIOR_STATE}))
  where endpoint_id = :endpoint_id
    and message_id in (select id from (${PRESENT}))
    and ${IS_IN_STATE}
    and ${IS_RUNNING}
    and ${MAY_ASK}
  returning ${REF}`)

const CREATE = statement<Page & { lease: number | null }, DeliveryRef>(`
  insert or ignore into deliveries (endpoint_id, message_id, status, trigger, next_attempt_at, job_id)
  select :endpoint_id, id, 'pending', 'manual', :lease, :job_id
  from (${PRESENT} and (m.dispatched_at is not null or m.cursor >= :endpoint_id))
  where ${IS_RUNNING} and ${MAY_ASK}
  returning ${REF}`)

/**
 * Sends deliveries again, if they are still in one of the states.
 * @param lease until when the caller's order owns them; null if they are parked
 */
export const resend = (
  env: Env,
  acting: Acting,
  states: readonly Selectable[],
  ids: string[],
  lease: number | null
): Bound<DeliveryRef> => RESEND(env, { ...pageOf(acting, ids), states: JSON.stringify(states), lease })

/** Creates missing deliveries. A dispatch that has not got to the endpoint will create its own. See `resend` */
export const createMissing = (env: Env, acting: Acting, ids: string[], lease: number | null): Bound<DeliveryRef> =>
  CREATE(env, { ...pageOf(acting, ids), lease })

const DISCARD = statement<InState & { now: number }>(`
  update deliveries as d
  set ${canceledBy('discarded')}
  where endpoint_id = :endpoint_id
    and message_id in (select value from json_each(:ids))
    and ${IS_IN_STATE}
    and ${IS_RUNNING}`)

/** Gives up deliveries that wait. They can be sent again. */
export const discard = (env: Env, acting: Acting, ids: string[], now: number): Bound<never> =>
  DISCARD(env, { ...pageOf(acting, ids), states: JSON.stringify(['waiting']), now })

/** How many parked deliveries one page of `restore` reads. */
const RESTORED = 1_000

type Restoring = { job_id: string; endpoint_id: string; after: string; now: number }

function restoring<P extends Values, Row>(text: (page: string) => string): Statement<P, Row> {
  return statement(
    text(`
    select endpoint_id, message_id, job_id
    from deliveries indexed by deliveries_parked
    where endpoint_id = :endpoint_id and ${isParked('deliveries')} and message_id > :after
    order by message_id
    limit ${RESTORED}`)
  )
}

const SCAN_PARKED = restoring<Omit<Restoring, 'now'>, { last: string | null; own: number }>(
  (page) => `
  select iif(count(*) < ${RESTORED}, null, max(message_id)) as last, total(job_id = :job_id) as own
  from (${page})`
)

const prior = (name: string, otherwise: string) => `iif(prior_state is null, ${otherwise}, prior_state ->> '${name}')`

const RESTORE = restoring<Restoring, never>(
  (page) => `
  update deliveries
  set status = ${prior('status', "'canceled'")},
    reason = ${prior('reason', "'replay_canceled'")},
    trigger = ${prior('trigger', 'trigger')},
    step = ${prior('step', 'step')},
    next_attempt_at = ${prior('next_attempt_at', 'null')},
    settled_at = ${prior('settled_at', ':now')},
    covered_by = ${prior('covered_by', 'null')},
    job_id = null,
    prior_state = null
  where (endpoint_id, message_id) in (
    select endpoint_id, message_id
    from (${page})
    where job_id = :job_id)
  and ${IS_FREE}`
)

/**
 * What a stopped job has not sent is again what it was before.
 * @param page a page of the endpoint's parked deliveries, after a message id
 * @returns two statements: how many of them are the job's, with the last one unless the page was the last; the change
 */
export function restorePage(env: Env, page: Omit<Restoring, 'now'>, now: number) {
  return [SCAN_PARKED(env, page), RESTORE(env, { ...page, now })] as const
}

type OfJob = { endpoint_id: string; job_id: string; after: string; end: string }

const ASKED_BY = statement<OfJob, { own: number }>(`
  select exists (
    select 1 from (
      select job_id
      from deliveries indexed by deliveries_parked
      where endpoint_id = :endpoint_id and ${isParked('deliveries')} and message_id > :after and message_id < :end
      order by message_id
      limit ${RESTORED})
    where job_id = :job_id) as own`)

/** @returns whether a job has asked for a delivery that waits for an endpoint. The oldest in its range are searched */
export const isAskedBy = async (env: Env, job: OfJob): Promise<boolean> => (await first(ASKED_BY(env, job)))?.own === 1

const LEASED = statement<{ endpoint_id: string; ids: string; lease: number }, DeliveryRef>(`
  select ${REF}
  from deliveries
  where endpoint_id = :endpoint_id
    and message_id in (select value from json_each(:ids))
    and status = 'pending'
    and next_attempt_at = :lease`)

/** @returns the orders for what was asked for under a lease */
export const listLeased = async (env: Env, endpoint_id: string, ids: string[], lease: number): Promise<DeliveryRef[]> =>
  all(LEASED(env, { endpoint_id, ids: JSON.stringify(ids), lease }))

type Key = Pick<DeliveryRow, 'endpoint_id' | 'message_id'>

/** @returns the order for one delivery that a person asks for; null if it is under way or unknown, or cannot be sent */
export async function resendOne(env: Env, { endpoint_id, message_id }: Key, now: number): Promise<DeliveryRef | null> {
  return first(resend(env, { job: null, endpoint_id }, SELECTABLE, [message_id], leaseFrom(now)))
}
