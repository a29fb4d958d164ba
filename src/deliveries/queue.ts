import type { Lane } from '../core/endpoint-health'
import type { DeliveryRef, WorkOrder } from '../env'
import { logFault } from '../log'

/** Deliveries in one work order: with their settling they stay under the Free plan's 50 subrequests. */
export const ORDER_SIZE = 12
/** `sendBatch` takes 100 messages: https://developers.cloudflare.com/queues/platform/limits/ */
const MESSAGES_PER_SEND = 100

/*
 * The only file that sends to queues. Every function here answers whether it worked instead of throwing: a lost wake-up is
 * an accepted loss, because the sweep finds the same work in D1.
 */

/** Wakes the dispatch of messages. @returns false when a wake-up was lost */
export async function wakeDispatch(
  env: Env,
  messages: { id: string; type: string }[]
): Promise<boolean> {
  return sendAll(
    env,
    'fresh',
    messages.map(({ id, type }) => ({ kind: 'dispatch', message_id: id, event_type: type }))
  )
}

/** Packs deliveries into work orders on a lane. @param delaySeconds 0 to 86,400 */
export async function sendOrders(
  env: Env,
  lane: Lane,
  deliveries: DeliveryRef[],
  delaySeconds = 0
): Promise<boolean> {
  const orders = chunk(deliveries, ORDER_SIZE)
  return sendAll(
    env,
    lane,
    orders.map((order) => ({ kind: 'attempt', deliveries: order })),
    delaySeconds
  )
}

/** How many queue calls `sendOrders` makes for that many deliveries. */
export function sendsFor(deliveries: number): number {
  return Math.ceil(deliveries / (ORDER_SIZE * MESSAGES_PER_SEND))
}

async function sendAll(env: Env, lane: Lane, orders: WorkOrder[], delaySeconds = 0) {
  const queue = lane === 'fresh' ? env.FRESH : env.PATIENT
  try {
    for (const some of chunk(orders, MESSAGES_PER_SEND)) {
      if (some.length === 1) await queue.send(some[0], { delaySeconds })
      else
        await queue.sendBatch(
          some.map((body) => ({ body })),
          { delaySeconds }
        )
    }
    return true
  } catch (cause) {
    logFault('queue.send_failed', cause, { lane, orders: orders.length })
    return false
  }
}

export function chunk<T>(items: T[], size: number): T[][] {
  const chunks: T[][] = []
  for (let at = 0; at < items.length; at += size) chunks.push(items.slice(at, at + size))
  return chunks
}
