import type { WorkOrder } from '../work/orders'
import { parkCalls } from './deliver/calls'
import { dispatchMessage } from './deliver/dispatch'
import { loadOrder } from './deliver/load-work-order'
import { resumeEndpoint } from './deliver/release-parked'
import { attemptAll, type Consumer } from './deliver/run-order'
import { parkDeliveries } from './deliver/store'

/** Handles one message from a delivery queue. @throws only our own errors; the queue then redelivers the message */
export async function consumeOrder(env: Env, order: WorkOrder, now: number, consumer: Consumer): Promise<void> {
  if (order.kind === 'resume') return resumeEndpoint(env, order.endpoint_id, now)
  if (order.kind === 'dispatch') {
    const message = { id: order.message_id, type: order.event_type }
    return dispatchMessage(env, message, now, consumer)
  }
  const { sendings, parked, calls } = await loadOrder(env, order, now)
  if (parked.length > 0) await parkDeliveries(env, parked, now)
  await parkCalls(env, calls, now)
  await attemptAll(env, sendings, now, consumer)
}
