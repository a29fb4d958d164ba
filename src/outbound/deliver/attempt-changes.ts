import { afterAttempt, type DeliveryState } from '../../core/delivering/delivery-state'
import { batchNamed } from '../../db/statements'
import { type HealthChange, saveHealth } from '../../endpoints/health'
import { log } from '../../log'
import { sendOrders, sendResume, wakeDispatch } from '../../queue/send'
import type { AttemptResult } from './attempt'
import { deliveryEvent, endpointEvent, insertEvents } from './health-events'
import type { HealthTracker } from './health-tracker'
import type { Sending } from './sending'
import { type AttemptRow, type DeliveryRow, insertAttempts, settleDeliveries } from './store'

/*
 * Everything that attempts change: the deliveries, the log of attempts, the health of endpoints, and the events about them. One batch.
 */

/** A retry due sooner than this gets a delayed work order; a later one is found by the sweep, which runs each minute. */
const SOON_MS = 60_000

export interface Attempted {
  sending: Sending
  attempt: AttemptResult
}

/**
 * Writes what a group of attempts has changed, all or nothing. Writing the same group again changes nothing more. Health comes first in the
 * batch, because a delivery that is to be retried is parked if its breaker has opened.
 */
export async function writeChanges(env: Env, group: Attempted[], tracker: HealthTracker): Promise<void> {
  const now = Date.now()
  const settled: Settled[] = group.map((one) => ({ ...one, delivery: deliveryAfter(one, now) }))
  const deliveries = settled.map(({ delivery }) => delivery)
  const { changes, events, confirm } = tracker.takeChanges()
  const operational = [
    ...events.map((event) => endpointEvent(event, now)),
    ...settled.map(({ sending, delivery, attempt }) => deliveryEvent(sending, delivery, attempt, now)),
  ].filter((event) => event !== null)
  const written = await batchNamed(env, {
    health: changes.length > 0 ? saveHealth(env, changes, now) : null,
    deliveries: settleDeliveries(env, deliveries),
    attempts: insertAttempts(env, settled.map(attemptRow)),
    events: operational.length > 0 ? insertEvents(env, operational, now) : null,
  })
  const healthy = new Set(written.health.map(({ id }) => id))
  confirm(healthy)
  for (const one of settled) logAttempt(one)
  await retrySoon(env, deliveries, now)
  await resumeSoon(
    env,
    changes.filter(({ id }) => healthy.has(id)),
    now
  )
  if (written.events.length > 0) await wakeDispatch(env, written.events)
}

interface Settled extends Attempted {
  delivery: DeliveryRow
}

function deliveryAfter({ sending, attempt }: Attempted, now: number): DeliveryRow {
  const isProbe = sending.release === 'probe'
  const facts = { ...attempt, isProbe, now, random: Math.random() }
  return deliveryRow(sending, afterAttempt(sending.state, facts), attempt, now)
}

/** @param now when the delivery is settled, in epoch milliseconds */
export function deliveryRow(
  { endpoint, message }: { endpoint: { id: string }; message: { id: string } },
  state: DeliveryState,
  { status_code }: AttemptResult,
  now: number
): DeliveryRow {
  return {
    endpoint_id: endpoint.id,
    message_id: message.id,
    ...state,
    last_status_code: status_code,
    settled_at: state.status === 'pending' ? null : now,
  }
}

export function attemptRow({
  delivery: { endpoint_id, message_id, attempt_count },
  attempt: { retry_after_ms: _, ...attempt },
}: Pick<Settled, 'delivery' | 'attempt'>): AttemptRow {
  return { endpoint_id, message_id, number: attempt_count, ...attempt }
}

/** Step 5, retry: D1 holds the schedule; a retry that is due within the minute gets a delayed work order as well. */
async function retrySoon(env: Env, deliveries: DeliveryRow[], now: number): Promise<void> {
  const soon = deliveries.flatMap(({ endpoint_id, message_id, attempt_count, next_attempt_at }) =>
    next_attempt_at !== null && next_attempt_at - now < SOON_MS
      ? [{ endpoint_id, message_id, attempt_count, lease: next_attempt_at }]
      : []
  )
  // One order a second, so that the Retry-After of one receiver does not delay the first retry of another.
  const bySecond = Map.groupBy(soon, ({ lease }) => Math.ceil((lease - now) / 1_000))
  for (const [delaySeconds, refs] of bySecond) await sendOrders(env, 'patient', refs, { delaySeconds })
}

/** A breaker that is due within the minute does not wait for the sweep. */
async function resumeSoon(env: Env, changes: HealthChange[], now: number): Promise<void> {
  for (const { id, breaker, resume_at, consecutive_failures, disable } of changes) {
    log('endpoint.health', { endpoint_id: id, breaker, consecutive_failures, disabled: disable })
    if (resume_at !== null && resume_at - now <= SOON_MS) await sendResume(env, id, resume_at - now)
  }
}

function logAttempt({ delivery, attempt }: Settled): void {
  const { endpoint_id, message_id, attempt_count: number, status } = delivery
  const { trigger, outcome, status_code, error_class, duration_ms } = attempt
  log('delivery.attempted', {
    endpoint_id,
    message_id,
    number,
    trigger,
    outcome,
    status_code,
    error_class,
    duration_ms,
    delivery: status,
  })
}
