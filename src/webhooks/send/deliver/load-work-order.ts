import { all, batch, type Statement, statement } from '../../../kit/db/statements'
import { textFor } from '../../endpoints/condition-and-texts'
import { mayPass, type Release } from '../../rules/delivering/breaker'
import { deliveryCanBe } from '../../rules/delivering/delivery-state'
import { isPaced } from '../../rules/delivering/pace'
import { expectKeys, NEWEST_KEY_AT } from '../../signing-keys/store'
import type { deliveries, endpoints, messages } from '../../tables/outgoing'
import type { DeliveryRef, WorkOrder } from '../../work/orders'
import { PLACE_MS, PLACES } from './hanging-receivers'
import { abandonedBefore, LEASE_MS, leaseFrom, mustRenew } from './lease'
import { SENDING, type Sending, type SendingEndpoint, toRef } from './sending'

type DeliveryRow = typeof deliveries.$inferSelect
type AttemptOrder = Extract<WorkOrder, { kind: 'attempt' }>

export interface LoadedOrder {
  sendings: Sending[]
  /** Deliveries that may not be sent: their endpoint is disabled or deleted, or its breaker is not closed. */
  parked: DeliveryRef[]
  /** Deliveries to paced endpoints that have not been released. They are never sent from an order. */
  calls: DeliveryRef[]
}

/** The deliveries that a work order names. */
const NAMED = `(
    select value ->> 'endpoint_id' as endpoint_id, value ->> 'message_id' as message_id,
      value ->> 'attempt_count' as attempt_count, value ->> 'lease' as lease
    from json_each(:refs))`

type Key = Pick<DeliveryRow, 'endpoint_id' | 'message_id'>

/** Takes new leases on deliveries that no other order owns. */
const RENEW = statement<{ refs: string; until: number; abandoned_before: number }, Key>(`
  update deliveries
  set next_attempt_at = :until, reason = null
  from ${NAMED} ref
  where deliveries.endpoint_id = ref.endpoint_id
    and deliveries.message_id = ref.message_id
    and ${deliveryCanBe('taken', 'deliveries')}
    and deliveries.attempt_count = ref.attempt_count
    and (deliveries.next_attempt_at = ref.lease
      or deliveries.next_attempt_at < :abandoned_before)
  returning endpoint_id, message_id`)

type OrderRow = Omit<SendingEndpoint, 'id'> &
  Pick<
    DeliveryRow,
    'endpoint_id' | 'message_id' | 'reason' | 'trigger' | 'attempt_count' | 'step' | 'covered_by' | 'job_id'
  > & {
    next_attempt_at: number
    ahead: number
    newest_key_at: number | null
    endpoint_status: (typeof endpoints.$inferSelect)['status']
    event_type: (typeof messages.$inferSelect)['type']
    payload: (typeof messages.$inferSelect)['payload']
    hops: (typeof messages.$inferSelect)['hops']
  }

/**
 * How many of the deliveries just before this one other orders have taken in the last minute, since the endpoint was
 * changed. While an endpoint does not answer, isolates send only its oldest ones, although they do not know each other.
 */
const AHEAD = `case when :leased_after is null then 0 else (
      select count(*)
      from (
        select status, reason, next_attempt_at
        from deliveries
        where endpoint_id = d.endpoint_id and message_id < d.message_id
          and (endpoint_id, message_id) not in (select endpoint_id, message_id from ${NAMED})
        order by message_id desc
        limit ${2 * PLACES})
      where status = 'pending' and reason is null
        and next_attempt_at > max(:leased_after, e.updated_at + ${LEASE_MS})) end`

type Loading = { refs: string; leased_after: number | null }

/** The cross join preserves the sequence in the work order, so parked deliveries are sent oldest first. */
function load<P extends Loading>(lease: string): Statement<P, OrderRow> {
  return statement(`
  select ${AHEAD} as ahead, ${NEWEST_KEY_AT} as newest_key_at,
    d.endpoint_id, d.message_id, d.reason, d.trigger, d.attempt_count, d.step, d.covered_by,
    d.job_id, d.next_attempt_at,
    e.status as endpoint_status, ${SENDING}, ${textFor('m.type')} as text,
    m.type as event_type, m.payload, m.hops
  from ${NAMED} ref
  cross join deliveries d on d.endpoint_id = ref.endpoint_id and d.message_id = ref.message_id
  join endpoints e on e.id = d.endpoint_id
  join messages m on m.id = d.message_id
  where d.status = 'pending'
    and d.attempt_count = ref.attempt_count
    and d.next_attempt_at = ${lease}`)
}

const LOAD = load('ref.lease')
const LOAD_RENEWED = load<Loading & { until: number }>(':until')

/**
 * Loads what a work order names and still owns: pending, not moved on, and with the order's lease. A late order (a
 * delayed retry, a backlog) takes new leases first, so that the sweep does not send as well.
 *
 * Accepted race: if the queue delivers an order twice at the same moment, requests are sent twice, with one webhook-id.
 */
export async function loadOrder(env: Env, order: AttemptOrder, now: number): Promise<LoadedOrder> {
  const { release, has_waited = false } = order
  const refs = JSON.stringify(order.deliveries)
  const leases = order.deliveries.map(({ lease }) => lease)
  const leased_after = has_waited ? leaseFrom(now) - PLACE_MS : null
  if (!mustRenew(leases, now)) return toOrder(env, await all(LOAD(env, { refs, leased_after })), release)
  const until = leaseFrom(now)
  const [renewed, loaded] = await batch(env, [
    RENEW(env, { refs, until, abandoned_before: abandonedBefore(now) }),
    LOAD_RENEWED(env, { refs, leased_after, until }),
  ])
  const ours = new Set(renewed.results.map(keyOf))
  const rows = loaded.results.filter((row) => ours.has(keyOf(row)))
  return toOrder(env, rows, release)
}

/** Loads deliveries again that have not begun. What others have canceled, erased or sent meanwhile is left out. */
export async function loadAgain(env: Env, before: Sending[]): Promise<LoadedOrder> {
  const refs = JSON.stringify(before.map(toRef))
  // All deliveries in an order have the same release.
  const after = toOrder(env, await all(LOAD(env, { refs, leased_after: null })), before[0]?.release)
  const known = new Map(before.map((one) => [keyOf(toRef(one)), one]))
  const sendings = after.sendings.map((one) => ({ ...one, ahead: known.get(keyOf(toRef(one)))?.ahead ?? 0 }))
  return { ...after, sendings }
}

const keyOf = ({ endpoint_id, message_id }: Key): string => `${endpoint_id} ${message_id}`

function toOrder(env: Env, rows: OrderRow[], release: Release | undefined): LoadedOrder {
  if (rows[0]) expectKeys(env, rows[0].newest_key_at)
  const {
    sent = [],
    parked = [],
    calls = [],
  } = Object.groupBy(rows, (row) => {
    if (row.endpoint_status !== 'enabled' || !mayPass(row.breaker, release)) return 'parked'
    // A page that was released before the endpoint became paced has no calls.
    const isCall = release === 'drain' ? row.covered_by !== null : release !== undefined
    return isPaced(row) && !isCall ? 'calls' : 'sent'
  })
  const toSendings = (some: OrderRow[]) => some.map((row) => toSending(row, release))
  return { sendings: toSendings(sent), parked: toSendings(parked).map(toRef), calls: toSendings(calls).map(toRef) }
}

function toSending(row: OrderRow, release: Release | undefined): Sending {
  const { reason, trigger, attempt_count, step, next_attempt_at, ahead, job_id } = row
  return {
    endpoint: { ...row, id: row.endpoint_id },
    message: { id: row.message_id, type: row.event_type, payload: row.payload, hops: row.hops },
    state: { status: 'pending', reason, trigger, attempt_count, step, next_attempt_at },
    release,
    ahead,
    job_id,
  }
}
