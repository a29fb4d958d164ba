import type { WorkOrder } from '../queue/orders'
import { dispatchMessage } from './deliver/dispatch'
import { abandonedBefore, leaseFrom, mustRenew } from './deliver/lease'
import { loadOrder, shelveDeliveries } from './deliver/load-order'
import { resumeEndpoint } from './deliver/release-parked'
import { attemptAll, type Consumer } from './deliver/run-order'

type AttemptOrder = Extract<WorkOrder, { kind: 'attempt' }>

/** One message of a delivery queue. @throws faults of ours only: then the queue brings it again */
export async function consumeOrder(
  env: Env,
  order: WorkOrder,
  now: number,
  consumer: Consumer
): Promise<void> {
  if (order.kind === 'attempt') return attemptOrder(env, order, now, consumer)
  if (order.kind === 'resume') return resumeEndpoint(env, order.endpoint_id, now)
  const message = { id: order.message_id, type: order.event_type }
  return dispatchMessage(env, message, now, consumer)
}

/**
 * Attempts what the order names and still owns. An order that comes on time owns it by the lease it carries, at no cost; a
 * late one (a delayed retry, a backed-up queue) must take a new lease first, so that the sweep does not send beside it.
 * Accepted race: the same order delivered twice at the same moment sends twice, with the same webhook-id.
 */
async function attemptOrder(
  env: Env,
  order: AttemptOrder,
  now: number,
  consumer: Consumer
): Promise<void> {
  const late = mustRenew(
    order.deliveries.map((ref) => ref.lease),
    now
  )
  const renew = late ? { until: leaseFrom(now), abandonedBefore: abandonedBefore(now) } : null
  const { sendings, shelved } = await loadOrder(env, order, renew)
  if (shelved.length > 0) await shelveDeliveries(env, shelved, now)
  if (sendings.length > 0) await attemptAll(env, sendings, consumer)
}
