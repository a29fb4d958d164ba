import type { Clock } from '../../../kit/lib/time'
import { log } from '../../../log'
import { mayPass } from '../../rules/delivering/breaker'
import type { Lane } from '../../rules/delivering/endpoint-health'
import { privateKeys } from '../../signing-keys/store'
import { sendOrders } from '../../work/send-orders'
import { attemptDelivery } from './attempt'
import { busyLast, laneNow, noteBegin } from './hanging'
import { BEGIN_WITHIN_MS } from './lease'
import { type Sending, toRef } from './sending'
import { Settler } from './settle'
import { parkDeliveries } from './store'

// The platform's limit: https://developers.cloudflare.com/workers/platform/limits/#simultaneous-open-connections
const CONNECTIONS = 6

/** The invocation that consumes an order. */
export interface Consumer {
  /** The lane of the queue that delivered the order. */
  lane: Lane
  /** Keeps the invocation alive after the order is acknowledged: at most 30 s. Attempting and settling take 17 s. */
  waitUntil(work: Promise<unknown>): void
  /** Attempts take up to 15 s each, so what they write has the time at which they ended. */
  clock: Clock
}

/** How long an order blocks its consumer. The time is longer on the patient lane, so that few orders hang at once. */
const BLOCK_MS: Record<Lane, number> = { fresh: 25, patient: 500 }
/** After this time, deliveries that have not started are sent on as a new order. */
const HAND_OVER_MS = 500

/**
 * Steps 3 and 4: attempts up to six at a time, one by one for each endpoint. If a breaker opens, the rest is parked.
 *
 * Receivers that hang delay no other order: this one ends in the background, and what has not started is handed over.
 * If the background work is cut off, the leases end and the sweep takes over.
 */
export async function attemptAll(env: Env, sendings: Sending[], consumer: Consumer): Promise<void> {
  if (sendings.length === 0) return
  const queue = [...Map.groupBy(sendings, ({ endpoint }) => endpoint.id).values()]
  // Several deliveries to one endpoint may take longer than background work is allowed to run.
  const mustBlock = queue.some((own) => own.length > 1)
  const settler = new Settler(env, consumer.clock)
  const attempted = workThrough(env, queue, settler)
  const settled = attempted.then((stopped) => finish(env, settler, stopped))
  if (mustBlock || (await endsWithin(attempted, BLOCK_MS[consumer.lane]))) return settled
  const finishLate = async () => {
    if (!(await endsWithin(attempted, HAND_OVER_MS))) await handOver(env, queue.splice(0).flat(), consumer.clock())
    await settled
  }
  consumer.waitUntil(finishLate())
}

async function endsWithin(work: Promise<unknown>, ms: number): Promise<boolean> {
  const late = Promise.withResolvers<false>()
  const timer = setTimeout(() => late.resolve(false), ms)
  const inTime = work.then(() => true)
  return Promise.race([inTime, late.promise]).finally(() => clearTimeout(timer))
}

/** If the queue refuses an order, the sweep finds its deliveries when their leases end. */
async function handOver(env: Env, rest: Sending[], now: number): Promise<void> {
  if (rest.length === 0) return
  log('order.handed_over', { deliveries: rest.length })
  const byLane = Map.groupBy(busyLast(rest, now), ({ endpoint }) => laneNow(endpoint, now))
  for (const [lane, some] of byLane) {
    // All deliveries in an order have the same release.
    const release = some[0]?.release
    await sendOrders(env, lane, some.map(toRef), release ? { release } : {})
  }
}

/** Takes deliveries from the queue until it is empty. Never rejects. @returns those taken but not attempted */
async function workThrough(env: Env, queue: Sending[][], settler: Settler): Promise<Sending[]> {
  // One read for all: the first attempts begin at the same time.
  await privateKeys(env, settler.clock())
  const startUntil = settler.clock() + BEGIN_WITHIN_MS
  const stopped: Sending[] = []
  const work = async () => {
    for (let own = queue.shift(); own; own = queue.shift())
      stopped.push(...(await attemptInOrder(env, own, settler, startUntil)))
  }
  await Promise.all(Array.from({ length: Math.min(CONNECTIONS, queue.length) }, work))
  return stopped
}

/** @throws if the database cannot be written to */
async function finish(env: Env, settler: Settler, stopped: Sending[]): Promise<void> {
  await settler.close()
  // The stopped deliveries may be parked only now that the open breaker has been written.
  if (stopped.length > 0) await parkDeliveries(env, stopped.map(toRef), settler.clock())
}

/** @returns the deliveries that were not attempted: the endpoint's breaker opened, or the order ran out of time */
async function attemptInOrder(env: Env, sendings: Sending[], settler: Settler, startUntil: number): Promise<Sending[]> {
  for (const [i, sending] of sendings.entries()) {
    if (!maySend(sending, settler) || settler.clock() > startUntil) return sendings.slice(i)
    const { endpoint, message, state } = sending
    const noteEnd = noteBegin(endpoint.id, settler.clock())
    const attempt = await attemptDelivery(env, { endpoint, message, trigger: state.trigger }, settler.clock)
    noteEnd()
    settler.add({ sending, attempt })
  }
  return []
}

function maySend({ endpoint, release }: Sending, settler: Settler): boolean {
  const health = settler.health(endpoint)
  return health !== null && mayPass(health.breaker, release)
}
