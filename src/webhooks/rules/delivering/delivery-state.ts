import type { Verdict } from './outcome'
import { MAX_STEPS, retryDelayMs, throttledDelayMs } from './retry-schedule'

export const DELIVERY_STATUSES = ['pending', 'delivered', 'failed', 'canceled'] as const
export type DeliveryStatus = (typeof DELIVERY_STATUSES)[number]

export const TRIGGERS = ['auto', 'manual', 'test'] as const
export type Trigger = (typeof TRIGGERS)[number]

/** Why a delivery is in its state; null while an attempt is under way, or after a success. Parking adds none. */
export type DeliveryReason =
  | 'retrying'
  | 'throttled'
  | 'endpoint_deleted'
  | 'coalesced'
  | 'replay_canceled'
  | 'discarded'
  | 'erased'
  | 'gone'
  | 'blocked'
  | 'schedule_spent'
  | 'test_failed'

/** The columns of `deliveries` that an attempt reads and changes. */
export interface DeliveryState {
  status: DeliveryStatus
  reason: DeliveryReason | null
  trigger: Trigger
  /** How many requests have been made so far, which is also the number of the last attempt. */
  attempt_count: number
  /** Used steps of the schedule. A 429 or a probe uses none, so nothing is given up while the breaker is open. */
  step: number
  /** When the next attempt is due, or when the lease of the current attempt ends; null while parked or settled. */
  next_attempt_at: number | null
}

interface AttemptFacts extends Verdict {
  /** Whether the attempt was sent while the breaker was open: by the schedule, or because a person asked for it. */
  isProbe: boolean
  /** When the attempt ended, in epoch milliseconds. */
  now: number
  /** For jitter: 0 <= random < 1. */
  random: number
}

/** A delivery that dispatch creates. @param lease when its first attempt is expected, in epoch milliseconds */
export function newDelivery(lease: number): DeliveryState {
  return { status: 'pending', reason: null, trigger: 'auto', attempt_count: 0, step: 0, next_attempt_at: lease }
}

/** The state after an attempt. Other changes are statements: webhooks/send/deliver/store.ts, calls.ts and resend-store.ts. */
export function stateAfterAttempt(before: DeliveryState, attempt: AttemptFacts): DeliveryState {
  const isThrottled = attempt.error_class === 'rate_limited'
  const attempt_count = before.attempt_count + 1
  const step = before.step + (isThrottled || attempt.isProbe ? 0 : 1)
  const state: DeliveryState = { ...before, trigger: 'auto', attempt_count, step }
  if (attempt.outcome === 'delivered') return settle(state, 'delivered', null)
  if (before.trigger === 'test') return settle(state, 'failed', 'test_failed')
  if (attempt.outcome === 'blocked') return settle(state, 'failed', 'blocked')
  if (attempt.error_class === 'gone') return settle(state, 'failed', 'gone')
  return isThrottled ? throttle(state, attempt) : retry(state, attempt)
}

/** Waits as Retry-After says. Without it, and after ten requests in any case, the wait grows with their number. */
function throttle(state: DeliveryState, { retry_after_ms, now, random }: AttemptFacts): DeliveryState {
  const excess = state.attempt_count - MAX_STEPS
  const least = excess > 0 ? throttledDelayMs(excess, random) : 0
  const hinted = retry_after_ms || throttledDelayMs(state.attempt_count, random)
  return { ...state, reason: 'throttled', next_attempt_at: now + Math.max(hinted, least) }
}

/** Waits as long as the schedule says, or longer if the receiver's Retry-After says so. */
function retry(state: DeliveryState, { retry_after_ms, now, random }: AttemptFacts): DeliveryState {
  // A probe that was the first attempt does not use up a step, and is followed by the first delay.
  const scheduled = retryDelayMs(Math.max(state.step, 1), random)
  if (scheduled === null) return settle(state, 'failed', 'schedule_spent')
  return { ...state, reason: 'retrying', next_attempt_at: now + Math.max(retry_after_ms ?? 0, scheduled) }
}

function settle(state: DeliveryState, status: Exclude<DeliveryStatus, 'pending'>, reason: DeliveryReason | null) {
  return { ...state, status, reason, next_attempt_at: null }
}
