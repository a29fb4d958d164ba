import type { Clock } from '../kit/lib/time'
import { processOrder } from './receive/process/process'
import { consumeOrder } from './send/consume'
import { engineOrder } from './work/orders'

/** The end of the name of the queue for slow or failing receivers. The owner can choose the rest. */
const PATIENT = /patient$/

interface Door {
  queue: string
  /** Keeps the invocation alive. The work rejects with an error of our own if its result could not be stored. */
  waitUntil(work: Promise<unknown>): void
  /** The time while it waits for receivers. */
  clock: Clock
}

/** @returns false if it is not an order of the engine. @throws only our own errors; the queue then delivers it again */
export async function consumeWebhooks(env: Env, body: unknown, now: number, door: Door): Promise<boolean> {
  const order = engineOrder.safeParse(body)
  if (!order.success) return false
  if (order.data.kind === 'process') await processOrder(env, order.data.inbound_ids, now)
  else {
    const lane = PATIENT.test(door.queue) ? 'patient' : 'fresh'
    await consumeOrder(env, order.data, now, { lane, waitUntil: door.waitUntil, clock: door.clock })
  }
  return true
}
