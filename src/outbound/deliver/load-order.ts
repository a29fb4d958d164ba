import { mayPass, type Release } from '../../core/delivering/breaker'
import type { DeliveryState } from '../../core/delivering/delivery-state'
import type { DeliveryRef } from '../../queue/orders'
import { ENDPOINT_COLUMNS, type Sending, type SendingEndpointRow, sendingEndpoint } from './sending'

/*
 * What a work order names, as it is now: what may be attempted, and what may not.
 */

export interface LoadedOrder {
  sendings: Sending[]
  /** Deliveries that may not go: their endpoint is disabled or deleted, or its breaker is not closed. They are not attempted. */
  shelved: DeliveryRef[]
}

/**
 * What a work order names, if it is still to be done by this order: pending, not moved on, under the lease that the order carries. One round trip.
 * @param renew set when the order was late: it takes a new lease first, unless somebody else holds one that is not abandoned
 */
export async function loadOrder(
  env: Env,
  order: { deliveries: DeliveryRef[]; release?: Release | undefined },
  renew: { until: number; abandonedBefore: number } | null
): Promise<LoadedOrder> {
  const named = JSON.stringify(order.deliveries)
  if (!renew) {
    const loaded = await env.DB.prepare(loadSql('ref.lease')).bind(named).all<OrderRow>()
    return toOrder(loaded.results, order.release)
  }
  const [claimed, loaded] = await env.DB.batch<OrderRow>([
    env.DB.prepare(RENEW).bind(named, renew.until, renew.abandonedBefore),
    env.DB.prepare(loadSql('?2')).bind(named, renew.until),
  ])
  const mine = new Set(claimed?.results.map(keyOf))
  const rows = loaded?.results ?? []
  return toOrder(
    rows.filter((row) => mine.has(keyOf(row))),
    order.release
  )
}

const NAMED = `(select value ->> 'endpoint_id' as endpoint_id, value ->> 'message_id' as message_id,
  value ->> 'attempt_count' as attempt_count, value ->> 'lease' as lease from json_each(?1))`

const RENEW = `update deliveries set next_attempt_at = ?2 from ${NAMED} ref
  where deliveries.endpoint_id = ref.endpoint_id and deliveries.message_id = ref.message_id
    and deliveries.status = 'pending' and deliveries.attempt_count = ref.attempt_count
    and (deliveries.next_attempt_at = ref.lease or deliveries.next_attempt_at < ?3)
  returning endpoint_id, message_id`

/** In the order of the work order: a page of what was parked goes oldest first. */
function loadSql(lease: string): string {
  return `select d.endpoint_id, d.message_id, d.reason, d.trigger, d.attempt_count, d.step, d.next_attempt_at,
      e.status as endpoint_status, ${ENDPOINT_COLUMNS}, m.type as event_type, m.payload
    from ${NAMED} ref
    cross join deliveries d on d.endpoint_id = ref.endpoint_id and d.message_id = ref.message_id
    join endpoints e on e.id = d.endpoint_id join messages m on m.id = d.message_id
    where d.status = 'pending' and d.attempt_count = ref.attempt_count and d.next_attempt_at = ${lease}`
}

interface OrderRow extends SendingEndpointRow {
  endpoint_id: string
  message_id: string
  reason: DeliveryState['reason']
  trigger: DeliveryState['trigger']
  attempt_count: number
  step: number
  next_attempt_at: number
  endpoint_status: 'enabled' | 'disabled' | 'deleted'
  event_type: string
  payload: string
}

function keyOf(row: { endpoint_id: string; message_id: string }): string {
  return `${row.endpoint_id} ${row.message_id}`
}

function toOrder(rows: OrderRow[], release: Release | undefined): LoadedOrder {
  const order: LoadedOrder = { sendings: [], shelved: [] }
  for (const row of rows) {
    if (row.endpoint_status === 'enabled' && mayPass(row.breaker, release))
      order.sendings.push(toSending(row, release))
    else order.shelved.push(toRef(row))
  }
  return order
}

function toRef(row: OrderRow): DeliveryRef {
  const { endpoint_id, message_id, attempt_count, next_attempt_at } = row
  return { endpoint_id, message_id, attempt_count, lease: next_attempt_at }
}

function toSending(row: OrderRow, release: Release | undefined): Sending {
  const state: DeliveryState = {
    status: 'pending',
    reason: row.reason,
    trigger: row.trigger,
    attempt_count: row.attempt_count,
    step: row.step,
    next_attempt_at: row.next_attempt_at,
  }
  return {
    endpoint: sendingEndpoint(row.endpoint_id, row),
    message: { id: row.message_id, type: row.event_type, payload: row.payload },
    state,
    release,
  }
}

/**
 * Parks the deliveries of an endpoint that is disabled or whose breaker is not closed (nothing is dropped), and cancels those of a deleted one. If
 * that has changed since it was read they stay leased, so that the sweep brings them back: parked, nobody would look for them any more.
 */
export async function shelveDeliveries(env: Env, refs: DeliveryRef[], now: number): Promise<void> {
  await env.DB.prepare(
    `update deliveries set
       status = case e.status when 'deleted' then 'canceled' else 'pending' end,
       reason = case e.status when 'deleted' then 'endpoint_deleted' else deliveries.reason end, next_attempt_at = null,
       settled_at = case e.status when 'deleted' then ?2 end
     from json_each(?1) j join endpoints e on e.id = j.value ->> 'endpoint_id'
     where deliveries.endpoint_id = j.value ->> 'endpoint_id' and deliveries.message_id = j.value ->> 'message_id'
       and deliveries.status = 'pending' and deliveries.attempt_count = j.value ->> 'attempt_count'
       and deliveries.next_attempt_at is not null
       and (e.status <> 'enabled' or e.breaker <> 'closed')`
  )
    .bind(JSON.stringify(refs), now)
    .run()
}
