import { logFault } from '../../log'
import type { Release } from '../rules/delivering/breaker'
import type { Lane } from '../rules/delivering/endpoint-health'
import {
  type DeliveryRef,
  INBOUND_ORDER_SIZE,
  type InboundOrder,
  ORDER_SIZE,
  type OwnOrder,
  type WorkOrder,
} from './orders'

/* The only file that sends to queues. It returns false instead of throwing, because the sweep finds the same work. */

/** `sendBatch` takes at most 100 messages: https://developers.cloudflare.com/queues/platform/limits/ */
const MESSAGES_PER_SEND = 100

/** Triggers the dispatch of messages, after `wait_ms` if it is given. @returns false if a wake-up was lost */
export async function wakeDispatch(env: Env, messages: { id: string; type: string; wait_ms?: number | undefined }[]) {
  const orders = messages.map(({ id, type, wait_ms = 0 }) => ({
    body: { kind: 'dispatch' as const, message_id: id, event_type: type },
    delaySeconds: Math.ceil(wait_ms / 1_000),
  }))
  return sendAll(env, 'fresh', orders)
}

interface OrderOptions {
  release?: Release | undefined
  has_waited?: boolean
  /** 0 to 86,400. A function returns the delay for each order, given the order's index. */
  delaySeconds?: number | ((order: number) => number)
}

/** Packs deliveries into work orders and sends them on a lane. @returns false if an order was lost */
export async function sendOrders(
  env: Env,
  lane: Lane,
  deliveries: DeliveryRef[],
  { release, has_waited, delaySeconds = 0 }: OrderOptions = {}
): Promise<boolean> {
  const more = { ...(release && { release }), ...(has_waited && { has_waited }) }
  const orders = chunk(deliveries, ORDER_SIZE).map((order, i) => ({
    body: { kind: 'attempt' as const, deliveries: order, ...more },
    delaySeconds: typeof delaySeconds === 'number' ? delaySeconds : delaySeconds(i),
  }))
  return sendAll(env, lane, orders)
}

/** @returns how many queue calls `sendOrders` makes for that many deliveries */
export const sendsFor = (deliveries: number): number => Math.ceil(deliveries / (ORDER_SIZE * MESSAGES_PER_SEND))

/** Releases parked deliveries after `inMs`, without waiting for the sweep. @returns false if the order was lost */
export async function sendResume(env: Env, endpoint_id: string, inMs: number): Promise<boolean> {
  const delaySeconds = Math.ceil(Math.max(inMs, 0) / 1_000)
  return sendAll(env, 'patient', [{ body: { kind: 'resume', endpoint_id }, delaySeconds }])
}

/** Releases parked deliveries to several endpoints now. @returns false if an order was lost */
export async function sendResumes(env: Env, endpoint_ids: string[]): Promise<boolean> {
  const orders = endpoint_ids.map((endpoint_id) => ({ body: { kind: 'resume' as const, endpoint_id } }))
  return sendAll(env, 'patient', orders)
}

/** Triggers the processing of inbound messages. @returns false if a wake-up was lost */
export async function wakeInbound(env: Env, ids: string[], delaySeconds = 0): Promise<boolean> {
  const orders = chunk(ids, INBOUND_ORDER_SIZE).map((some) => ({
    body: { kind: 'process' as const, inbound_ids: some },
    delaySeconds,
  }))
  return sendAll(env, 'inbound', orders)
}

/** Sends orders of the program that uses the engine, which may take long. @returns false if an order was lost */
export async function sendOwn<T extends OwnOrder>(env: Env, orders: T[]): Promise<boolean> {
  const bodies = orders.map((body) => ({ body }))
  return sendAll(env, 'patient', bodies)
}

/** Message ids that are waiting to be sent together, by queue. */
const gathering = new WeakMap<Queue, { ids: string[]; until: number }>()
const GATHER_MS = 25
/** If a group of ids is older than this, the request that should have sent it has died. */
const DEAD_MS = 1_000

/** Messages that arrive within 25 ms share a queue call. Accepted race: if the request dies, the sweep finds all. */
export async function wakeInboundSoon(env: Env, id: string, now: number): Promise<void> {
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
  orders: { body: WorkOrder | InboundOrder | OwnOrder; delaySeconds?: number }[]
): Promise<boolean> {
  const queue = { fresh: env.FRESH, patient: env.PATIENT, inbound: env.INBOUND }[lane]
  try {
    for (const some of chunk(orders, MESSAGES_PER_SEND)) {
      const [only] = some
      if (only && some.length === 1) await queue.send(only.body, { delaySeconds: only.delaySeconds ?? 0 })
      else await queue.sendBatch(some)
    }
    return true
  } catch (cause) {
    logFault('queue.send_failed', cause, { lane, orders: orders.length })
    return false
  }
}

function chunk<T>(items: T[], size: number): T[][] {
  const chunks: T[][] = []
  for (let at = 0; at < items.length; at += size) chunks.push(items.slice(at, at + size))
  return chunks
}
