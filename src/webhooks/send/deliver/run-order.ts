import type { Clock } from '../../../kit/lib/time'
import { log, logFault } from '../../../log'
import { mayPass } from '../../rules/delivering/breaker'
import type { Lane } from '../../rules/delivering/endpoint-health'
import { privateKeys } from '../../signing-keys/store'
import type { DeliveryRef } from '../../work/orders'
import { sendOrders } from '../../work/send-orders'
import { attemptDelivery } from './attempt'
import { parkCalls } from './calls'
import { ANSWERS_WITHIN_MS, busyLast, laneNow, noteBegin, whenToBegin } from './hanging-receivers'
import { BEGIN_WITHIN_MS } from './lease'
import { loadAgain } from './load-work-order'
import { type Sending, toRef } from './sending'
import { Settler } from './settle'
import { parkDeliveries } from './store'

/*
 * Steps 3 and 4: attempts the deliveries of an order, and settles them. Six at a time, and one by one for each endpoint.
 *
 * - If a breaker opens, what remains for its endpoint is parked.
 * - When a request begins, the data that it uses was read at most a second earlier. After that, the next delivery to
 *   begin reads it again, for the whole order. What was erased, canceled or disabled meanwhile does not begin.
 * - Receivers that hang delay no other order: this one ends in the background, and what has not begun is handed over.
 *   Up to five requests to an endpoint wait for an answer (hanging-receivers.ts). Others wait for up to a second, and are then
 *   handed over to the patient lane, which looks again every ten seconds.
 * - If the background work is cut off, the leases end and the sweep takes over.
 */

// The platform's limit: https://developers.cloudflare.com/workers/platform/limits/#simultaneous-open-connections
const CONNECTIONS = 6

/** The invocation that consumes an order. */
export interface Consumer {
  /** The lane of the queue that delivered the order. */
  lane: Lane
  /** Keeps the invocation alive after the order is acknowledged: at most 30 s. Attempting and settling take 18 s. */
  waitUntil(work: Promise<unknown>): void
  /** Attempts take up to 15 s each, so what they write has the time at which they ended. */
  clock: Clock
}

/** How long an order blocks its consumer. The time is longer on the patient lane, so that few orders hang at once. */
const BLOCK_MS: Record<Lane, number> = { fresh: 25, patient: 500 }
/** After this time, deliveries that have not begun, because six others are under way, are sent on as a new order. */
const HAND_OVER_MS = 500
/** How often a delivery that waits for an answer to others looks for it. */
const LOOK_MS = 25
const LOOKS = ANSWERS_WITHIN_MS / LOOK_MS
/** When the patient lane looks again. */
const LOOK_AGAIN_SECONDS = 10
/** The age at which data is read again. */
const OLD_MS = 1_000
/** How often an order reads again. Twelve attempts and what they write leave room for more: the rest is handed over. */
const MAX_READS = 8

/** @param read_at when the deliveries were read, or earlier, in epoch milliseconds */
export async function attemptAll(env: Env, sendings: Sending[], read_at: number, consumer: Consumer): Promise<void> {
  if (sendings.length === 0) return
  const order = new Order(env, sendings, read_at, consumer.clock)
  const attempted = order.attempt()
  const settled = attempted.then(() => order.finish())
  const finishLate = async () => {
    if (!(await endsWithin(attempted, HAND_OVER_MS))) await order.handOver('no connection')
    if (!(await endsWithin(attempted, ANSWERS_WITHIN_MS - HAND_OVER_MS))) await order.handOver('no place')
    await settled
  }
  // Several deliveries to one endpoint may take longer than background work is allowed to run.
  if (order.isLong) return finishLate()
  if (await endsWithin(attempted, BLOCK_MS.fresh)) return settled
  const isBlocking = consumer.lane === 'patient' && order.isSending
  if (isBlocking && (await endsWithin(attempted, BLOCK_MS.patient))) return settled
  consumer.waitUntil(finishLate())
}

async function endsWithin(work: Promise<unknown>, ms: number): Promise<boolean> {
  const late = Promise.withResolvers<false>()
  const timer = setTimeout(() => late.resolve(false), ms)
  const inTime = work.then(() => true)
  return Promise.race([inTime, late.promise]).finally(() => clearTimeout(timer))
}

type Begun = { sending: Sending; noteEnd: ReturnType<typeof noteBegin> }

class Order {
  /** Whether there are several deliveries to one endpoint. */
  readonly isLong: boolean
  readonly #env: Env
  readonly #clock: Clock
  readonly #settler: Settler
  /** Deliveries that have not begun. */
  #waiting: Sending[]
  /** Endpoints to which this order is sending. */
  readonly #busy = new Set<string>()
  /** Deliveries that may not be sent any more: to park when the order ends. */
  readonly #parked: DeliveryRef[] = []
  readonly #calls: DeliveryRef[] = []
  readonly #beginUntil: number
  #read_at: number
  #reading: Promise<void> | null = null
  #readsLeft = MAX_READS

  constructor(env: Env, sendings: Sending[], read_at: number, clock: Clock) {
    this.#env = env
    this.#clock = clock
    this.#settler = new Settler(env, clock)
    this.#waiting = sendings
    this.#read_at = read_at
    this.#beginUntil = clock() + BEGIN_WITHIN_MS
    this.isLong = new Set(sendings.map(({ endpoint }) => endpoint.id)).size < sendings.length
  }

  /** Attempts what may begin. Never rejects. */
  async attempt(): Promise<void> {
    // One read for all: the first attempts begin at the same time.
    await privateKeys(this.#env, this.#clock())
    await Promise.all(Array.from({ length: Math.min(CONNECTIONS, this.#waiting.length) }, () => this.#work()))
  }

  async #work(): Promise<void> {
    for (let begun = await this.#next(); begun; begun = await this.#next()) {
      const { sending, noteEnd } = begun
      const { endpoint, message, state } = sending
      const attempt = await attemptDelivery(this.#env, { endpoint, message, trigger: state.trigger }, this.#clock)
      noteEnd(attempt, this.#clock())
      this.#busy.delete(endpoint.id)
      this.#settler.add({ sending, attempt })
    }
  }

  /** @returns the next delivery, which has begun, or null if none may begin soon */
  async #next(): Promise<Begun | null> {
    for (let looks = 0; looks < LOOKS && this.#mayBegin('now', 'soon').length > 0; looks++) {
      if (this.#mayBegin('now').length > 0) {
        if (!(await this.#isFresh())) return null
        const begun = this.#begin()
        if (begun) return begun
      }
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
    }
    return null
  }

  /** @returns what may begin then. What goes to an endpoint that is busy here follows when this one has ended */
  #mayBegin(...when: ReturnType<typeof whenToBegin>[]): Sending[] {
    const now = this.#clock()
    const others = this.#waiting.filter(({ endpoint }) => !this.#busy.has(endpoint.id))
    return others.filter((one) => when.includes(whenToBegin(this.#env, one, now)))
  }

  /** Reads what waits again if it is old. @returns false if nothing may begin any more: time or reads are used up */
  async #isFresh(): Promise<boolean> {
    const now = this.#clock()
    if (now > this.#beginUntil) return false
    if (now - this.#read_at <= OLD_MS) return true
    if (this.#reading === null && this.#readsLeft <= 0) return false
    this.#reading ??= this.#read(now).finally(() => {
      this.#reading = null
    })
    await this.#reading
    return this.#readsLeft >= 0
  }

  async #read(now: number): Promise<void> {
    this.#readsLeft -= 1
    try {
      const { sendings, parked, calls } = await loadAgain(this.#env, this.#waiting)
      this.#parked.push(...parked)
      this.#calls.push(...calls)
      // Nothing has begun meanwhile, but some may have been handed over.
      const stillWaiting = new Set(this.#waiting.map(keyOf))
      this.#waiting = sendings.filter((one) => stillWaiting.has(keyOf(one)))
      this.#read_at = now
    } catch (cause) {
      // The database cannot be read. Nothing begins without it: another order, or the sweep, sends the rest.
      logFault('order.unread', cause)
      this.#readsLeft = -1
    }
  }

  /** Begins a delivery that may be sent. What may not, because this order has opened a breaker, is parked later. */
  #begin(): Begun | null {
    for (const sending of this.#mayBegin('now')) {
      const { endpoint, release } = sending
      this.#waiting.splice(this.#waiting.indexOf(sending), 1)
      const health = this.#settler.health(endpoint)
      if (health !== null && mayPass(health.breaker, release)) {
        this.#busy.add(endpoint.id)
        return { sending, noteEnd: noteBegin(this.#env, endpoint, this.#clock()) }
      }
      this.#parked.push(toRef(sending))
    }
    return null
  }

  /** Whether a request is under way. */
  get isSending(): boolean {
    return this.#busy.size > 0
  }

  /**
   * Sends on what has not begun, as new orders. If the queue refuses one, the sweep finds its deliveries when their
   * leases end. @param why those that could begin, but have no connection; or also those that have no place
   */
  async handOver(why: 'no connection' | 'no place'): Promise<void> {
    const now = this.#clock()
    const rest = why === 'no place' ? this.#mayBegin('now', 'soon', 'later') : this.#mayBegin('now')
    if (rest.length === 0) return
    log('order.handed_over', { deliveries: rest.length })
    this.#waiting = this.#waiting.filter((one) => !rest.includes(one))
    const ready = busyLast(this.#env, rest, now).filter((one) => whenToBegin(this.#env, one, now) === 'now')
    const byLane = Map.groupBy(ready, ({ endpoint }) => laneNow(this.#env, endpoint, now))
    // All deliveries in an order have the same release.
    const release = rest[0]?.release
    for (const [lane, some] of byLane) await sendOrders(this.#env, lane, some.map(toRef), { release })
    const later = rest.filter((one) => !ready.includes(one))
    await sendLater(this.#env, later)
  }

  /** Settles what was attempted, and sees to the rest. @throws if the database cannot be written to */
  async finish(): Promise<void> {
    await this.#settler.close()
    // These may be parked only now that an open breaker has been written.
    if (this.#parked.length > 0) await parkDeliveries(this.#env, this.#parked, this.#clock())
    await parkCalls(this.#env, this.#calls, this.#clock())
    await this.handOver('no place')
  }
}

/** Sends on what waits for an answer of its receiver. @param sendings with the same release */
export async function sendLater(env: Env, sendings: Sending[]): Promise<void> {
  const waiting = { release: sendings[0]?.release, has_waited: true, delaySeconds: LOOK_AGAIN_SECONDS }
  await sendOrders(env, 'patient', sendings.map(toRef), waiting)
}

const keyOf = ({ endpoint, message }: Sending): string => `${endpoint.id} ${message.id}`
