import { MINUTE_MS } from '../../../kit/lib/time'
import { MAX_RETRY_AFTER_MS } from './retry-schedule'

/**
 * An endpoint's circuit breaker, which decides which deliveries are sent and which are parked:
 *   closed    deliveries are sent as they arrive
 *   open      too many failures in a row: deliveries are parked, and one of them is sent as a probe at `resume_at`
 *   probing   a probe is under way; `resume_at` is the end of its lease
 *   held      the receiver sent Retry-After: deliveries are parked until `resume_at`
 *   draining  parked deliveries are being sent, oldest first, one page per minute; new ones are parked behind them
 *
 * A paced endpoint (webhooks/rules/delivering/pace.ts) uses two of these states in its own way:
 *   draining  its only call is under way; `resume_at` is when the call counts as lost
 *   held      no call is made until `resume_at`, because one was made, because one failed, or because of Retry-After
 */
export const BREAKER_STATES = ['closed', 'open', 'probing', 'held', 'draining'] as const
export type BreakerState = (typeof BREAKER_STATES)[number]

/** The columns of `endpoints` that contain the breaker's state. */
export interface Breaker {
  breaker: BreakerState
  /** When the next probe or page of parked deliveries is due, in epoch milliseconds; null while closed. */
  resume_at: number | null
  /** How many probes in a row have failed, or how many responses in a row have held the endpoint. */
  probes: number
}

/** How many failures in a row open the breaker. */
export const OPEN_AFTER = 5
/** The time between pages of parked deliveries. Slightly under a minute, so that every sweep releases one page. */
export const PAGE_EVERY_MS = 50_000
/** After this many 429 responses in a row, short Retry-After values are ignored. */
const PATIENT_FOR = 10
/** After this many failed probes, every other probe is the newest delivery, so a bad message cannot block the rest. */
const OLDEST_FOR = 3

/** Whether nothing is sent except for a probe, or what a person asks for. */
export const isOpen = ({ breaker }: Pick<Breaker, 'breaker'>): boolean => breaker === 'open' || breaker === 'probing'

export const CLOSED: Breaker = { breaker: 'closed', resume_at: null, probes: 0 }

/** Why a parked delivery is sent: to probe the endpoint, to drain it, or because a person requested it. */
export type Release = 'probe' | 'drain' | 'manual'

/** Whether a delivery is sent, not parked. @param release undefined for a first attempt or a scheduled retry */
export function mayPass(state: BreakerState, release: Release | undefined): boolean {
  if (release === 'drain') return state === 'closed' || state === 'draining'
  return release !== undefined || state === 'closed'
}

/** @returns the wait before the next probe (1, 2, 4 ... 60 minutes), in milliseconds */
export const waitMs = (probes: number): number => Math.min(2 ** probes, 60) * MINUTE_MS

/**
 * Opens the breaker after a failure. If it is open already, a late failure can only postpone the next probe.
 * @param hintMs the receiver's Retry-After in milliseconds, or 0
 */
export function open(before: Breaker, hintMs: number, now: number): Breaker {
  if (before.breaker === 'open') return postponed(before, hintMs, now)
  const probes = before.breaker === 'probing' ? before.probes + 1 : 0
  const heldUntil = before.breaker === 'held' ? (before.resume_at ?? 0) : 0
  const resume_at = Math.max(now + waitMs(probes), now + hintMs, heldUntil)
  return { breaker: 'open', resume_at, probes }
}

/** Parks everything until the receiver's Retry-After has passed. */
export function hold(before: Breaker, hintMs: number, now: number): Breaker {
  const isParking = before.breaker === 'open' || before.breaker === 'held'
  if (isParking) return postponed(before, hintMs, now)
  return { breaker: 'held', resume_at: now + hintMs, probes: before.probes + 1 }
}

function postponed({ breaker, resume_at, probes }: Breaker, hintMs: number, now: number): Breaker {
  return { breaker, resume_at: Math.max(resume_at ?? 0, now + hintMs), probes }
}

/** How long a 429 holds the endpoint. Without a hint, or if short ones keep coming, it grows with each 429 in a row. */
export function throttleMs({ probes }: Breaker, hintMs: number | null): number {
  const count = hintMs ? probes - PATIENT_FOR : probes
  const grown = count < 0 ? 0 : waitMs(count)
  return Math.min(Math.max(hintMs ?? 0, grown), MAX_RETRY_AFTER_MS)
}

/**
 * Starts to close the breaker after a success, by draining the parked deliveries. A Retry-After remains in effect, unless
 * a person asked for the attempt: the success of one that was sent before the receiver asked for a pause does not end it.
 */
export function close({ breaker, resume_at }: Breaker, now: number, release?: Release): Breaker {
  if (isOpen({ breaker }) || (release === 'manual' && breaker === 'held')) return drain(now)
  return { breaker, resume_at, probes: 0 }
}

export const drain = (now: number): Breaker => ({ breaker: 'draining', resume_at: now, probes: 0 })

/** What is released when `resume_at` is reached. */
export type Wake = { after: Breaker; release: 'probe' | 'drain'; from: 'oldest' | 'newest' }

/**
 * @param leaseEnd when another probe may be sent if this one has no result, in epoch milliseconds
 * @param isPaced whether deliveries are sent one at a time, so that the next one also waits for the result of this one
 */
export function wake({ breaker, probes }: Breaker, now: number, leaseEnd: number, isPaced = false): Wake {
  if (isOpen({ breaker })) {
    const from = probes > OLDEST_FOR && probes % 2 === 0 ? 'newest' : 'oldest'
    return { after: { breaker: 'probing', resume_at: leaseEnd, probes }, release: 'probe', from }
  }
  const after: Breaker = { breaker: 'draining', resume_at: isPaced ? leaseEnd : now + PAGE_EVERY_MS, probes }
  return { after, release: 'drain', from: 'oldest' }
}
