import { batchNamed, insist } from '../../../kit/db/statements'
import { type Clock, MINUTE_MS } from '../../../kit/lib/time'
import { log } from '../../../log'
import { type SavedHealth, saveHealth } from '../../endpoints/health'
import { isOpen } from '../../rules/delivering/breaker'
import { stateAfterAttempt } from '../../rules/delivering/delivery-state'
import type { EndpointHealth } from '../../rules/delivering/endpoint-health'
import { lateAt } from '../../rules/delivering/late-attempts'
import { sendOrders, sendResume, wakeDispatch } from '../../work/send-orders'
import type { AttemptResult } from './attempt'
import { reportCovered } from './calls'
import { HealthTracker } from './health-tracker'
import { deliveryEvent, endpointEvent, insertEvents } from './operational-events'
import type { Sending, SendingEndpoint } from './sending'
import { type AttemptRow, insertAttempts, type SettledDelivery, settleDeliveries } from './store'

/** How long the first result waits for others. A healthy order needs one write. The wait doubles for each new group. */
const LINGER_MS = 1_000

/** Step 4, settle: group commit. Results wait a moment for others. What could not be written joins the next batch. */
export class Settler {
  readonly #env: Env
  readonly clock: Clock
  readonly #tracker = new HealthTracker()
  #waiting: Attempted[] = []
  #writing: Promise<void> = Promise.resolve()
  #timer: ReturnType<typeof setTimeout> | null = null
  #linger = LINGER_MS

  constructor(env: Env, clock: Clock) {
    this.#env = env
    this.clock = clock
  }

  /** @returns the endpoint's health as this order knows it, or null if this order has disabled the endpoint */
  health(endpoint: SendingEndpoint): EndpointHealth | null {
    return this.#tracker.current(endpoint)
  }

  add(one: Attempted): void {
    this.#tracker.note(one.sending, one.attempt, this.clock())
    this.#waiting.push(one)
    if (this.#timer !== null) return
    this.#timer = setTimeout(() => this.#flush(), this.#linger)
    this.#linger *= 2
  }

  /** Writes the remaining results, with everything that earlier writes failed to store. @throws the last error */
  close(): Promise<void> {
    return insist(() => this.#flush())
  }

  #flush(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
    const write = this.#writing.catch(() => undefined).then(() => this.#write())
    // Only the last write is awaited; each write includes what an earlier one could not write.
    write.catch(() => undefined)
    this.#writing = write
    return write
  }

  async #write(): Promise<void> {
    const group = this.#waiting
    this.#waiting = []
    try {
      if (group.length > 0) await writeChanges(this.#env, group, this.#tracker, this.clock())
    } catch (cause) {
      this.#waiting = [...group, ...this.#waiting]
      throw cause
    }
  }
}

/* Writes what attempts change in one batch: deliveries, the log of attempts, endpoint health, and events. */

/** A retry due sooner than this gets a delayed work order. Later retries are found by the sweep, once a minute. */
const SOON_MS = MINUTE_MS

type Attempted = { sending: Sending; attempt: AttemptResult }

/** All or nothing; a repeat has no effect. Health is written first: a retry is parked if its breaker has opened. */
async function writeChanges(env: Env, group: Attempted[], tracker: HealthTracker, now: number): Promise<void> {
  const settled = group.map((one) => ({ ...one, delivery: deliveryAfter(one.sending, one.attempt, now) }))
  const deliveries = settled.map(({ delivery }) => delivery)
  const calls = settled
    .filter(({ attempt }) => attempt.is_call && attempt.outcome === 'delivered')
    .map(({ delivery }) => delivery)
  const [reported, reportedFailed] = calls.length > 0 ? reportCovered(env, calls, now) : []
  const { changes, events, confirm } = tracker.takeChanges()
  const operational = [
    ...events.map((event) => endpointEvent(event, now)),
    ...settled.map(({ sending, delivery, attempt }) => deliveryEvent(sending, delivery, attempt, now)),
  ].filter((event) => event !== null)
  const written = await batchNamed(env, {
    health: changes.length > 0 ? saveHealth(env, changes, now) : null,
    deliveries: settleDeliveries(env, deliveries),
    reported: reported ?? null,
    reported_failed: reportedFailed ?? null,
    attempts: insertAttempts(
      env,
      settled.map((one) => attemptRow(one, one.sending.job_id))
    ),
    events: operational.length > 0 ? insertEvents(env, operational, now) : null,
  })
  confirm(written.health)
  for (const one of settled) logAttempt(one)
  await retrySoon(env, deliveries, now)
  await resumeSoon(env, written.health, now)
  await wakeDispatch(env, written.events)
}

type Attempting = Pick<Sending, 'state'> & {
  endpoint: Pick<SendingEndpoint, 'id' | 'breaker'>
  message: { id: string }
}

/** @param now when the attempt is settled, in epoch milliseconds */
export function deliveryAfter(
  { endpoint, message, state }: Attempting,
  attempt: AttemptResult,
  now: number
): SettledDelivery {
  const after = stateAfterAttempt(state, { ...attempt, isProbe: isOpen(endpoint), now, random: Math.random() })
  const result = { last_status_code: attempt.status_code, settled_at: after.status === 'pending' ? null : now }
  return { endpoint_id: endpoint.id, message_id: message.id, ...after, ...result }
}

type Settled = Pick<Attempted, 'attempt'> & { delivery: SettledDelivery }

/** @param job_id the selection that asked for the attempt, if one did */
export function attemptRow({ delivery, attempt: made }: Settled, job_id: string | null): AttemptRow {
  const { retry_after_ms: _, is_call: __, ...attempt } = made
  const { endpoint_id, message_id, attempt_count: number } = delivery
  return { endpoint_id, message_id, number, ...attempt, late_at: lateAt(message_id, attempt), job_id }
}

/** Step 5, retry: the schedule is stored in D1; a retry that is due within a minute also gets a delayed work order. */
async function retrySoon(env: Env, deliveries: SettledDelivery[], now: number): Promise<void> {
  const soon = deliveries.flatMap(({ endpoint_id, message_id, attempt_count, next_attempt_at }) =>
    next_attempt_at !== null && next_attempt_at - now < SOON_MS
      ? [{ endpoint_id, message_id, attempt_count, lease: next_attempt_at }]
      : []
  )
  // One order for each second, so that one receiver's Retry-After does not delay another receiver's first retry.
  const bySecond = Map.groupBy(soon, ({ lease }) => Math.ceil((lease - now) / 1_000))
  for (const [delaySeconds, refs] of bySecond) await sendOrders(env, 'patient', refs, { delaySeconds })
}

/** A breaker whose next step is due within a minute does not wait for the sweep. */
async function resumeSoon(env: Env, saved: SavedHealth[], now: number): Promise<void> {
  for (const { id, status, breaker, resume_at, consecutive_failures } of saved) {
    log('endpoint.health', { endpoint_id: id, status, breaker, consecutive_failures })
    if (resume_at !== null && resume_at - now <= SOON_MS) await sendResume(env, id, resume_at - now)
  }
}

function logAttempt({ delivery, attempt }: Settled): void {
  const { endpoint_id, message_id, attempt_count: number, status } = delivery
  const { trigger, outcome, status_code, error_class, duration_ms } = attempt
  const result = { trigger, outcome, status_code, error_class, duration_ms }
  log('delivery.attempted', { endpoint_id, message_id, number, ...result, delivery: status })
}
