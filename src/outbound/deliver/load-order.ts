import { mayPass, type Release } from '../../core/delivering/breaker'
import type { deliveries, endpoints, messages } from '../../db/schema'
import { batch, type Statement, statement } from '../../db/statements'
import type { DeliveryRef } from '../../queue/orders'
import { SENDING_COLUMNS, type Sending, type SendingEndpoint } from './sending'

type DeliveryRow = typeof deliveries.$inferSelect

export interface LoadedOrder {
  sendings: Sending[]
  /** Deliveries that may not be sent: their endpoint is disabled or deleted, or its breaker is not closed. */
  parked: DeliveryRef[]
}

/** A late order takes new leases first, of deliveries that nobody else owns. Both in epoch milliseconds. */
export interface Renewal {
  until: number
  abandonedBefore: number
}

/** The deliveries that a work order names. */
const NAMED = `(
    select value ->> 'endpoint_id' as endpoint_id,
      value ->> 'message_id' as message_id,
      value ->> 'attempt_count' as attempt_count,
      value ->> 'lease' as lease
    from json_each(:refs))`

type Key = Pick<DeliveryRow, 'endpoint_id' | 'message_id'>

const RENEW = statement<{ refs: string; until: number; abandoned_before: number }, Key>(`
  update deliveries
  set next_attempt_at = :until
  from ${NAMED} ref
  where deliveries.endpoint_id = ref.endpoint_id
    and deliveries.message_id = ref.message_id
    and deliveries.status = 'pending'
    and deliveries.attempt_count = ref.attempt_count
    and (deliveries.next_attempt_at = ref.lease
      or deliveries.next_attempt_at < :abandoned_before)
  returning endpoint_id, message_id`)

type OrderRow = Omit<SendingEndpoint, 'id'> &
  Pick<DeliveryRow, 'endpoint_id' | 'message_id' | 'reason' | 'trigger' | 'attempt_count' | 'step'> & {
    next_attempt_at: number
    endpoint_status: (typeof endpoints.$inferSelect)['status']
    event_type: (typeof messages.$inferSelect)['type']
    payload: (typeof messages.$inferSelect)['payload']
  }

/** In the order of the work order, which the cross join keeps: parked deliveries go oldest first. */
function load<P extends { refs: string }>(lease: string): Statement<P, OrderRow> {
  return statement(`
  select d.endpoint_id, d.message_id, d.reason, d.trigger, d.attempt_count, d.step, d.next_attempt_at,
    e.status as endpoint_status, ${SENDING_COLUMNS},
    m.type as event_type, m.payload
  from ${NAMED} ref
  cross join deliveries d on d.endpoint_id = ref.endpoint_id and d.message_id = ref.message_id
  join endpoints e on e.id = d.endpoint_id
  join messages m on m.id = d.message_id
  where d.status = 'pending'
    and d.attempt_count = ref.attempt_count
    and d.next_attempt_at = ${lease}`)
}

const LOAD = load<{ refs: string }>('ref.lease')
const LOAD_RENEWED = load<{ refs: string; until: number }>(':until')

/**
 * Loads what a work order names and still owns: pending deliveries that have not moved on and have the order's lease. One round trip.
 * @param renewal set if the order is late
 */
export async function loadOrder(
  env: Env,
  order: { deliveries: DeliveryRef[]; release?: Release | undefined },
  renewal: Renewal | null
): Promise<LoadedOrder> {
  const refs = JSON.stringify(order.deliveries)
  if (!renewal) {
    const [loaded] = await batch(env, [LOAD(env, { refs })])
    return toOrder(loaded.results, order.release)
  }
  const { until, abandonedBefore: abandoned_before } = renewal
  const [renewed, loaded] = await batch(env, [
    RENEW(env, { refs, until, abandoned_before }),
    LOAD_RENEWED(env, { refs, until }),
  ])
  const ours = new Set(renewed.results.map(keyOf))
  return toOrder(
    loaded.results.filter((row) => ours.has(keyOf(row))),
    order.release
  )
}

function keyOf({ endpoint_id, message_id }: Key): string {
  return `${endpoint_id} ${message_id}`
}

function toOrder(rows: OrderRow[], release: Release | undefined): LoadedOrder {
  const maySend = (row: OrderRow) => row.endpoint_status === 'enabled' && mayPass(row.breaker, release)
  return {
    sendings: rows.filter(maySend).map((row) => toSending(row, release)),
    parked: rows.filter((row) => !maySend(row)).map(toParked),
  }
}

function toParked({ endpoint_id, message_id, attempt_count, next_attempt_at }: OrderRow) {
  return { endpoint_id, message_id, attempt_count, lease: next_attempt_at }
}

function toSending(row: OrderRow, release: Release | undefined): Sending {
  const { reason, trigger, attempt_count, step, next_attempt_at } = row
  return {
    endpoint: { ...row, id: row.endpoint_id },
    message: { id: row.message_id, type: row.event_type, payload: row.payload },
    state: { status: 'pending', reason, trigger, attempt_count, step, next_attempt_at },
    release,
  }
}
