import type { WorkOrder } from '../queue/orders'
import { dispatchMessage } from './deliver/dispatch'
import { abandonedBefore, leaseFrom, mustRenew } from './deliver/lease'
import { loadOrder } from './deliver/load-order'
import { resumeEndpoint } from './deliver/release-parked'
import { attemptAll, type Consumer } from './deliver/run-order'
import { parkDeliveries } from './deliver/store'

type AttemptOrder = Extract<WorkOrder, { kind: 'attempt' }>

/** Handles one message of a delivery queue. @throws only faults of ours; then the queue delivers the message again */
export async function consumeOrder(env: Env, order: WorkOrder, now: number, consumer: Consumer): Promise<void> {
  if (order.kind === 'attempt') return attemptOrder(env, order, now, consumer)
  if (order.kind === 'resume') return resumeEndpoint(env, order.endpoint_id, now)
  const message = { id: order.message_id, type: order.event_type }
  return dispatchMessage(env, message, now, consumer)
}

/**
 * Attempts the deliveries that the order names and still owns. An order on time owns them by the lease that it carries, at no cost. A late
 * order (a delayed retry, a queue with a backlog) takes a new lease first, so that the sweep does not send at the same time.
 * Accepted race: an order that the queue delivers twice at the same moment sends twice, with the same webhook-id.
 */
async function attemptOrder(env: Env, order: AttemptOrder, now: number, consumer: Consumer): Promise<void> {
  const leases = order.deliveries.map(({ lease }) => lease)
  const renewal = { until: leaseFrom(now), abandonedBefore: abandonedBefore(now) }
  const { sendings, parked } = await loadOrder(env, order, mustRenew(leases, now) ? renewal : null)
  if (parked.length > 0) await parkDeliveries(env, parked, now)
  await attemptAll(env, sendings, consumer)
}
