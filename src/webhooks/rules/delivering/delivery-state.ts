import { type Act, isOneOf, statesBefore } from '../../../kit/lib/states'
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
export interface DeliveryColumns {
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

/**
 *   parked      pending, until its endpoint's breaker releases it
 *   under_way   pending, with a lease: an attempt is being made, or an order for it is on its way
 *   scheduled   pending, until the time of its next attempt
 */
export const DELIVERY_STATES = ['parked', 'under_way', 'scheduled', 'delivered', 'failed', 'canceled'] as const
export type DeliveryState = (typeof DELIVERY_STATES)[number]

/** What each act makes of a delivery. What cancels one is also its reason. */
export const DELIVERY_ACTS = {
  created: { by: 'dispatch, a person', to: { none: ['under_way', 'parked'] } },
  taken: { by: 'a work order, the sweep', to: { under_way: 'under_way', scheduled: 'under_way' } },
  parked: { by: 'its endpoint', to: { under_way: 'parked', scheduled: 'parked' } },
  released: { by: 'its endpoint', to: { parked: 'under_way' } },
  succeeded: {
    by: 'an attempt',
    to: { parked: 'delivered', under_way: 'delivered', scheduled: 'delivered', canceled: 'delivered' },
    also: 'attempt + 1',
  },
  postponed: {
    by: 'an attempt',
    to: {
      parked: ['scheduled', 'parked'],
      under_way: ['scheduled', 'parked'],
      scheduled: ['scheduled', 'parked'],
      canceled: 'canceled',
    },
    also: 'attempt + 1',
  },
  given_up: {
    by: 'an attempt',
    to: { parked: 'failed', under_way: 'failed', scheduled: 'failed', canceled: 'canceled' },
    also: 'attempt + 1, `delivery.failed`',
  },
  coalesced: { by: 'a call that reported it', to: { parked: 'canceled', failed: 'canceled' } },
  asked: {
    by: 'a person',
    to: {
      parked: ['under_way', 'parked'],
      scheduled: ['under_way', 'parked'],
      delivered: ['under_way', 'parked'],
      failed: ['under_way', 'parked'],
      canceled: ['under_way', 'parked'],
    },
    also: 'a new schedule',
  },
  discarded: { by: 'a person', to: { parked: 'canceled', scheduled: 'canceled' } },
  replay_canceled: { by: 'a person', to: { parked: ['scheduled', 'delivered', 'failed', 'canceled', 'parked'] } },
  erased: { by: 'a deletion', to: { parked: 'canceled', under_way: 'canceled', scheduled: 'canceled' } },
  endpoint_deleted: { by: 'a deletion', to: { parked: 'canceled', under_way: 'canceled', scheduled: 'canceled' } },
  removed: { by: 'retention', to: { delivered: 'none', failed: 'none', canceled: 'none' } },
} as const satisfies Record<string, Act<DeliveryState>>
export type DeliveryAct = keyof typeof DELIVERY_ACTS

/** SQL: a row in `deliveries` is parked, as in the index `deliveries_parked`. @param delivery the alias of the row */
export function isParked(delivery: string): string {
  return `${delivery}.status = 'pending' and ${delivery}.next_attempt_at is null`
}

/** SQL: an attempt of a delivery is under way, or an order for it is. A scheduled one has a reason. */
export function isUnderWay(delivery: string): string {
  return `${delivery}.status = 'pending' and ${delivery}.next_attempt_at is not null and ${delivery}.reason is null`
}

function isScheduled(delivery: string): string {
  return `${delivery}.status = 'pending' and ${delivery}.next_attempt_at is not null and ${delivery}.reason is not null`
}

const PENDING = { parked: isParked, under_way: isUnderWay, scheduled: isScheduled } as const
const isPending = (state: DeliveryState): state is keyof typeof PENDING => state in PENDING

/** SQL: an act changes a row in `deliveries`, because of the state that it is in. @param delivery the alias of the row */
export function deliveryCanBe(act: DeliveryAct, delivery: string): string {
  const before: readonly DeliveryState[] = statesBefore<DeliveryState>(DELIVERY_ACTS[act])
  const pending = before.filter(isPending)
  const isAnyPending = pending.length === Object.keys(PENDING).length
  const settled: readonly string[] = before.filter((state) => !isPending(state))
  const statuses = isAnyPending ? ['pending', ...settled] : settled
  const conditions = [
    ...(isAnyPending ? [] : pending.map((state) => PENDING[state](delivery))),
    ...(statuses.length > 0 ? [isOneOf(`${delivery}.status`, statuses)] : []),
  ]
  return conditions.length === 1 ? String(conditions[0]) : `(${conditions.join(' or ')})`
}

/** SQL: the assignments of an act that cancels a delivery at `:now`. */
export function canceledBy(act: Extract<DeliveryAct, DeliveryReason>): string {
  return `status = 'canceled', reason = '${act}', next_attempt_at = null, settled_at = :now, job_id = null, prior_state = null`
}

/** A delivery that dispatch creates. @param lease when its first attempt is expected, in epoch milliseconds */
export function newDelivery(lease: number): DeliveryColumns {
  return { status: 'pending', reason: null, trigger: 'auto', attempt_count: 0, step: 0, next_attempt_at: lease }
}

/** What an attempt makes of a delivery: `succeeded`, `postponed` or `given_up`. The other acts are statements. */
export function stateAfterAttempt(before: DeliveryColumns, attempt: AttemptFacts): DeliveryColumns {
  const isThrottled = attempt.error_class === 'rate_limited'
  const attempt_count = before.attempt_count + 1
  const step = before.step + (isThrottled || attempt.isProbe ? 0 : 1)
  const state: DeliveryColumns = { ...before, trigger: 'auto', attempt_count, step }
  if (attempt.outcome === 'delivered') return settle(state, 'delivered', null)
  if (before.trigger === 'test') return settle(state, 'failed', 'test_failed')
  if (attempt.outcome === 'blocked') return settle(state, 'failed', 'blocked')
  if (attempt.error_class === 'gone') return settle(state, 'failed', 'gone')
  return isThrottled ? throttle(state, attempt) : retry(state, attempt)
}

/** Waits as Retry-After says. Without it, and after ten requests in any case, the wait grows with their number. */
function throttle(state: DeliveryColumns, { retry_after_ms, now, random }: AttemptFacts): DeliveryColumns {
  const excess = state.attempt_count - MAX_STEPS
  const least = excess > 0 ? throttledDelayMs(excess, random) : 0
  const hinted = retry_after_ms || throttledDelayMs(state.attempt_count, random)
  return { ...state, reason: 'throttled', next_attempt_at: now + Math.max(hinted, least) }
}

/** Waits as long as the schedule says, or longer if the receiver's Retry-After says so. */
function retry(state: DeliveryColumns, { retry_after_ms, now, random }: AttemptFacts): DeliveryColumns {
  // A probe that was the first attempt does not use up a step, and is followed by the first delay.
  const scheduled = retryDelayMs(Math.max(state.step, 1), random)
  if (scheduled === null) return settle(state, 'failed', 'schedule_spent')
  return { ...state, reason: 'retrying', next_attempt_at: now + Math.max(retry_after_ms ?? 0, scheduled) }
}

function settle(state: DeliveryColumns, status: Exclude<DeliveryStatus, 'pending'>, reason: DeliveryReason | null) {
  return { ...state, status, reason, next_attempt_at: null }
}
