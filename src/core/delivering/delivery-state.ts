import type { ErrorClass, Outcome } from './outcome'
import { MAX_STEPS, retryDelayMs, throttledDelayMs } from './retry-schedule'

export const DELIVERY_STATUSES = ['pending', 'delivered', 'failed', 'canceled'] as const
export type DeliveryStatus = (typeof DELIVERY_STATUSES)[number]
export type Trigger = 'auto' | 'manual' | 'test'

/** Why a delivery is where it is; null while an attempt is under way, or when it was delivered. That it is parked is its endpoint's matter. */
export type DeliveryReason =
  | 'retrying'
  | 'throttled'
  | 'endpoint_deleted'
  | 'gone'
  | 'blocked'
  | 'schedule_spent'
  | 'test_failed'

export interface DeliveryState {
  status: DeliveryStatus
  reason: DeliveryReason | null
  trigger: Trigger
  /** Requests made, whatever came of them: the number of the last attempt. */
  attempt_count: number
  /** Steps of the retry schedule used up. A 429 uses up none, nor does a probe: while a breaker is open, no delivery is given up. */
  step: number
  /** When the next attempt is due, or the lease of the one under way ends; null is parked or settled. */
  next_attempt_at: number | null
}

export type DeliveryEvent =
  | { type: 'claimed'; until: number }
  | { type: 'attempted'; attempt: AttemptFacts; isProbe?: boolean; now: number; random: number }
  | { type: 'parked' }
  | { type: 'released'; until: number }
  | { type: 'canceled' }
  | { type: 'retry_requested'; until: number }

export interface AttemptFacts {
  outcome: Outcome
  error_class: ErrorClass | null
  retry_after_ms: number | null
}

/** The state of a delivery that dispatch has just created, leased until its first attempt has been made. */
export function newDelivery(until: number): DeliveryState {
  return {
    status: 'pending',
    reason: null,
    trigger: 'auto',
    attempt_count: 0,
    step: 0,
    next_attempt_at: until,
  }
}

/**
 * The one table of what may happen to a delivery; drawn in docs/ARCHITECTURE.md. Settled states absorb every event
 * but a person's retry, which re-opens the same delivery: same message, next attempt number, a fresh schedule.
 */
export function transition(state: DeliveryState, event: DeliveryEvent): DeliveryState {
  if (event.type === 'retry_requested') return reopen(state, event.until)
  if (state.status !== 'pending') return state
  switch (event.type) {
    case 'claimed':
      return state.next_attempt_at === null ? state : { ...state, next_attempt_at: event.until }
    case 'attempted':
      return afterAttempt(state, event)
    case 'parked':
      return { ...state, next_attempt_at: null }
    case 'released':
      return state.next_attempt_at === null
        ? { ...state, reason: null, next_attempt_at: event.until }
        : state
    case 'canceled':
      return settle(state, 'canceled', 'endpoint_deleted')
  }
}

function reopen(state: DeliveryState, until: number): DeliveryState {
  if (state.status === 'pending') return state
  return {
    ...state,
    status: 'pending',
    reason: null,
    trigger: 'manual',
    step: 0,
    next_attempt_at: until,
  }
}

function afterAttempt(
  before: DeliveryState,
  { attempt, isProbe, now, random }: Extract<DeliveryEvent, { type: 'attempted' }>
): DeliveryState {
  const throttled = attempt.error_class === 'rate_limited'
  const isFree = throttled || isProbe
  const state: DeliveryState = {
    ...before,
    trigger: 'auto',
    attempt_count: before.attempt_count + 1,
    step: before.step + (isFree ? 0 : 1),
  }
  if (attempt.outcome === 'delivered') return settle(state, 'delivered', null)
  if (before.trigger === 'test') return settle(state, 'failed', 'test_failed')
  if (attempt.outcome === 'blocked') return settle(state, 'failed', 'blocked')
  if (attempt.error_class === 'gone') return settle(state, 'failed', 'gone')
  return throttled ? throttle(state, attempt, now, random) : retry(state, attempt, now, random)
}

/**
 * The receiver's hint counts in full; without a usable one, the wait grows with the requests made. After ten requests it grows in any case: who
 * says "in a second" for ever would otherwise be asked for ever.
 */
function throttle(
  state: DeliveryState,
  attempt: AttemptFacts,
  now: number,
  random: number
): DeliveryState {
  const patience = state.attempt_count - MAX_STEPS
  const least = patience > 0 ? throttledDelayMs(patience, random) : 0
  const delay = Math.max(
    attempt.retry_after_ms || throttledDelayMs(state.attempt_count, random),
    least
  )
  return { ...state, reason: 'throttled', next_attempt_at: now + delay }
}

/** A hint may ask for more patience than the schedule has, never for less. A probe that was a first attempt is followed as that is. */
function retry(
  state: DeliveryState,
  attempt: AttemptFacts,
  now: number,
  random: number
): DeliveryState {
  const scheduled = retryDelayMs(Math.max(state.step, 1), random)
  if (scheduled === null) return settle(state, 'failed', 'schedule_spent')
  const delay = Math.max(attempt.retry_after_ms ?? 0, scheduled)
  return { ...state, reason: 'retrying', next_attempt_at: now + delay }
}

function settle(
  state: DeliveryState,
  status: Exclude<DeliveryStatus, 'pending'>,
  reason: DeliveryReason | null
): DeliveryState {
  return { ...state, status, reason, next_attempt_at: null }
}
