import type { Release } from '../core/delivering/breaker'
import type { Lane } from '../core/delivering/endpoint-health'
import { logFault } from '../log'
import type { DeliveryRef, InboundOrder, WorkOrder } from './orders'

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
    messages.map(({ id, type }) => ({
      body: { kind: 'dispatch', message_id: id, event_type: type },
    }))
  )
}

interface OrderOptions {
  release?: Release
  /** 0 to 86,400; a number of seconds for each order in turn, when it is a function. */
  delaySeconds?: number | ((order: number) => number)
}

/** Packs deliveries into work orders on a lane. @returns false when a wake-up was lost */
export async function sendOrders(
  env: Env,
  lane: Lane,
  deliveries: DeliveryRef[],
  { release, delaySeconds = 0 }: OrderOptions = {}
): Promise<boolean> {
  const orders = chunk(deliveries, ORDER_SIZE).map((order, i) => ({
    body: { kind: 'attempt' as const, deliveries: order, ...(release && { release }) },
    delaySeconds: typeof delaySeconds === 'number' ? delaySeconds : delaySeconds(i),
  }))
  return sendAll(env, lane, orders)
}

/** How many queue calls `sendOrders` makes for that many deliveries. */
export function sendsFor(deliveries: number): number {
  return Math.ceil(deliveries / (ORDER_SIZE * MESSAGES_PER_SEND))
}

/** Sees to what is parked for an endpoint, as the sweep does, when that is not to wait for the sweep. */
export async function sendResume(env: Env, endpointId: string, inMs: number): Promise<boolean> {
  const delaySeconds = Math.ceil(Math.max(inMs, 0) / 1_000)
  return sendAll(env, 'patient', [
    { body: { kind: 'resume', endpoint_id: endpointId }, delaySeconds },
  ])
}

/** Messages in one order: the longest bodies and all that they may lead to stay under 50 queries. */
const INBOUND_ORDER_SIZE = 4

/** Wakes the processing of what came in. @returns false when a wake-up was lost */
export async function wakeInbound(env: Env, ids: string[], delaySeconds = 0): Promise<boolean> {
  const orders = chunk(ids, INBOUND_ORDER_SIZE).map((some) => ({
    body: { kind: 'process' as const, inbound_ids: some },
    delaySeconds,
  }))
  return sendAll(env, 'inbound', orders)
}

/** Messages whose wake-up is about to be sent, by the queue that it goes to. */
const gathering = new WeakMap<Queue, { ids: string[]; until: number }>()
const GATHER_MS = 25
/** Of a gathering as old as this, the request that was to send it is dead. */
const DEAD_MS = 1_000

/**
 * The same, with what other requests bring at nearly the same time: in a burst, one call to the queue wakes many, and one message of it four.
 * Accepted race: when the request that sends dies meanwhile, the sweep finds them all.
 */
export async function wakeInboundSoon(env: Env, id: string): Promise<void> {
  const now = Date.now()
  const others = gathering.get(env.INBOUND)
  if (others && now < others.until) return void others.ids.push(id)
  const mine = { ids: [id], until: now + DEAD_MS }
  gathering.set(env.INBOUND, mine)
  await scheduler.wait(GATHER_MS)
  if (gathering.get(env.INBOUND) === mine) gathering.delete(env.INBOUND)
  await wakeInbound(env, mine.ids)
}

async function sendAll(
  env: Env,
  lane: Lane | 'inbound',
  orders: { body: WorkOrder | InboundOrder; delaySeconds?: number }[]
): Promise<boolean> {
  const queue = { fresh: env.FRESH, patient: env.PATIENT, inbound: env.INBOUND }[lane]
  try {
    for (const some of chunk(orders, MESSAGES_PER_SEND)) {
      const [only] = some
      if (only && some.length === 1)
        await queue.send(only.body, { delaySeconds: only.delaySeconds ?? 0 })
      else await queue.sendBatch(some)
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
