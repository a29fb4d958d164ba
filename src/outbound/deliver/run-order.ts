import { mayPass, type Release } from '../../core/delivering/breaker'
import type { Lane } from '../../core/delivering/endpoint-health'
import { log, logFault } from '../../log'
import type { DeliveryRef } from '../../queue/orders'
import { sendOrders } from '../../queue/send'
import { DEADLINE_MS } from '../http/call'
import { attemptDelivery } from './attempt'
import { BEGIN_WITHIN_MS } from './lease'
import { shelveDeliveries } from './load-order'
import type { Sending } from './sending'
import { openSettler, type Settler } from './settle'
import { isStuck, laneNow, noteBegin } from './suspects'

/** The platform holds a seventh open connection back, while its deadline already runs. */
export const CONNECTIONS = 6

/** The invocation that consumes an order. */
export interface Consumer {
  /** Of the queue that the order came by. */
  lane: Lane
  /** Keeps it alive after it has answered: 30 seconds at most, which an attempt and its settling stay well under. */
  waitUntil: ExecutionContext['waitUntil']
}

/** How long an order keeps its consumer from the next one: on the patient lane long enough that few hang at the same time. */
const KEEP_MS: Record<Lane, number> = { fresh: 25, patient: 500 }
/** After that, what has not begun is not to wait for those that have. */
const HAND_OVER_MS = 500

/**
 * Steps 3 and 4 for one work order: attempts, at most six at a time, each settled as it comes. Those of one endpoint go one after the other, in their order, and
 * stop when its breaker opens: the rest is parked.
 *
 * An order whose receivers keep it waiting keeps no other order waiting: it ends in the background, and what has not begun goes on as an order of
 * its own. Should the background be cut off, the leases run out and the sweep goes on.
 */
export async function attemptAll(env: Env, sendings: Sending[], consumer: Consumer): Promise<void> {
  const { stuck = [], ready = [] } = Object.groupBy(sendings, (sending) =>
    isForStuck(sending) ? 'stuck' : 'ready'
  )
  if (stuck.length > 0) await postpone(env, stuck)
  const run = beginRun(env, ready)
  // Several for one endpoint go one after the other, which may take longer than the background lasts.
  if (run.hasSequences || (await endsWithin(run.attempted, KEEP_MS[consumer.lane])))
    return run.ended
  consumer.waitUntil(endLate(env, run).catch((cause) => logFault('order.fault', cause)))
}

/** A probe, or what a person asks for, is made all the same. */
function isForStuck({ endpoint, release }: Sending): boolean {
  return release === undefined && isStuck(endpoint.id, Date.now())
}

/** When those under way have ended, the breaker is open or the receiver is well. */
async function postpone(env: Env, stuck: Sending[]): Promise<void> {
  const delaySeconds = DEADLINE_MS / 1_000
  await sendOrders(env, 'patient', stuck.map(toRef), { delaySeconds })
}

async function endLate(env: Env, run: Run): Promise<void> {
  if (!(await endsWithin(run.attempted, HAND_OVER_MS))) await handOver(env, run.takeRest())
  await run.ended
}

async function endsWithin(work: Promise<unknown>, ms: number): Promise<boolean> {
  const late = Promise.withResolvers<false>()
  const timer = setTimeout(() => late.resolve(false), ms)
  const inTime = work.then(() => true)
  return Promise.race([inTime, late.promise]).finally(() => clearTimeout(timer))
}

/** What no queue takes is found by the sweep, when its lease has run out. */
async function handOver(env: Env, rest: Sending[]): Promise<void> {
  if (rest.length === 0) return
  log('order.handed_over', { deliveries: rest.length })
  for (const [lane, some] of Map.groupBy(rest, laneOf))
    await sendOrders(env, lane, some.map(toRef), releaseOf(some))
}

function laneOf({ endpoint }: Sending): Lane {
  return laneNow(endpoint.id, endpoint.stored.health, Date.now())
}

/** One order has one release: see `workOrder`. */
function releaseOf([first]: Sending[]): { release?: Release } {
  return first?.release ? { release: first.release } : {}
}

interface Run {
  /** Whether an endpoint has more than one delivery here. */
  hasSequences: boolean
  /** Resolves when everything that began has ended; never rejects. */
  attempted: Promise<void>
  /** Resolves when it is settled, too. @throws the fault of settling */
  ended: Promise<void>
  /** Takes away what has not begun. */
  takeRest(): Sending[]
}

function beginRun(env: Env, sendings: Sending[]): Run {
  const queue = [...Map.groupBy(sendings, ({ endpoint }) => endpoint.id).values()]
  const hasSequences = queue.some((own) => own.length > 1)
  const settler = openSettler(env)
  const stopped: Sending[] = []
  const attempted = workThrough(env, queue, settler, stopped)
  return {
    hasSequences,
    attempted,
    ended: attempted.then(() => finish(env, settler, stopped)),
    takeRest: () => queue.splice(0).flat(),
  }
}

async function workThrough(
  env: Env,
  queue: Sending[][],
  settler: Settler,
  stopped: Sending[]
): Promise<void> {
  const beginUntil = Date.now() + BEGIN_WITHIN_MS
  const work = async () => {
    for (let own = queue.shift(); own; own = queue.shift())
      stopped.push(...(await attemptInOrder(env, own, settler, beginUntil)))
  }
  await Promise.all(Array.from({ length: Math.min(CONNECTIONS, queue.length) }, work))
}

async function finish(env: Env, settler: Settler, stopped: Sending[]): Promise<void> {
  await settler.close()
  // After the health that stopped them has been written, so that the breaker is seen to be open.
  if (stopped.length > 0) await shelveDeliveries(env, stopped.map(toRef), Date.now())
}

/** @returns what was not attempted: the endpoint takes no more, or the order has no time left */
async function attemptInOrder(
  env: Env,
  sendings: Sending[],
  settler: Settler,
  beginUntil: number
): Promise<Sending[]> {
  for (const [i, sending] of sendings.entries()) {
    if (!mayGo(sending, settler) || Date.now() > beginUntil) return sendings.slice(i)
    const { endpoint, message, state } = sending
    const noteEnd = noteBegin(endpoint.id, Date.now())
    const attempt = await attemptDelivery(env, { endpoint, message, trigger: state.trigger })
    noteEnd()
    settler.add({ sending, attempt })
  }
  return []
}

function mayGo({ endpoint, release }: Sending, settler: Settler): boolean {
  const health = settler.current(endpoint)
  return health !== false && mayPass(health.breaker.state, release)
}

function toRef({ endpoint, message, state }: Sending): DeliveryRef {
  return {
    endpoint_id: endpoint.id,
    message_id: message.id,
    attempt_count: state.attempt_count,
    lease: state.next_attempt_at ?? 0,
  }
}
