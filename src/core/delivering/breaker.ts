import { MAX_RETRY_AFTER_MS } from './retry-schedule'

const MINUTE = 60_000

/**
 * The circuit breaker of an endpoint. It decides which deliveries are sent and which are parked:
 *   closed    deliveries are sent as they come
 *   open      too many failures in a row: deliveries are parked, and one of them is sent as a probe at `resume_at`
 *   probing   the probe is under way; `resume_at` is the end of its lease
 *   held      the receiver sent Retry-After: deliveries are parked until `resume_at`
 *   draining  parked deliveries are sent, oldest first, one page a minute; new deliveries join the end
 */
export const BREAKER_STATES = ['closed', 'open', 'probing', 'held', 'draining'] as const
export type BreakerState = (typeof BREAKER_STATES)[number]

/** The columns of `endpoints` that hold the breaker. */
export interface Breaker {
  breaker: BreakerState
  /** When the next probe or page of parked deliveries is due, in epoch milliseconds; null while closed. */
  resume_at: number | null
  /** Failed probes in a row, or responses with Retry-After in a row. */
  probes: number
}

/** Failures in a row that open the breaker. */
export const OPEN_AFTER = 5
/** The time between two pages of parked deliveries. A little under a minute, so that every sweep releases one. */
export const PAGE_EVERY_MS = 50_000
/** After this many responses of 429 in a row, short Retry-After values are ignored. */
const PATIENT_FOR = 10
/** After this many failed probes, every other probe is the newest delivery: one bad message must not block the rest. */
const OLDEST_FOR = 3

export const CLOSED: Breaker = { breaker: 'closed', resume_at: null, probes: 0 }

/** Why a delivery is sent although it was parked: as a probe, in a page while draining, or because a person asked. */
export type Release = 'probe' | 'drain' | 'manual'

/**
 * Whether a delivery may be sent now; otherwise it is parked.
 * @param release undefined for a first attempt or a scheduled retry
 */
export function mayPass(state: BreakerState, release: Release | undefined): boolean {
  if (release === 'drain') return state === 'closed' || state === 'draining'
  return release !== undefined || state === 'closed'
}

/** @returns how long to wait for the next probe, in milliseconds: 1, 2, 4 ... 60 minutes */
export function waitMs(probes: number): number {
  return Math.min(2 ** probes, 60) * MINUTE
}

/**
 * Opens the breaker after a failure. A late failure, of a request sent before the breaker opened, changes nothing.
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

/**
 * How long a 429 holds the endpoint, in milliseconds. Without a usable hint, the wait grows with each 429 in a row. It
 * also grows if the receiver keeps sending hints of a second.
 * @param hintMs the receiver's Retry-After, or null
 */
export function throttleMs({ probes }: Breaker, hintMs: number | null): number {
  const count = hintMs ? probes - PATIENT_FOR : probes
  const grown = count < 0 ? 0 : waitMs(count)
  return Math.min(Math.max(hintMs ?? 0, grown), MAX_RETRY_AFTER_MS)
}

/** Closes the breaker after a success, by draining what is parked. A Retry-After still counts. */
export function close({ breaker, resume_at }: Breaker, now: number): Breaker {
  if (breaker === 'open' || breaker === 'probing') return drain(now)
  return { breaker, resume_at, probes: 0 }
}

export function drain(now: number): Breaker {
  return { breaker: 'draining', resume_at: now, probes: 0 }
}

/** What is released when `resume_at` has come. */
export interface Wake {
  after: Breaker
  release: 'probe' | 'drain'
  from: 'oldest' | 'newest'
}

/** @param leaseEnd when a probe without a result may be followed by another, in epoch milliseconds */
export function wake({ breaker, probes }: Breaker, now: number, leaseEnd: number): Wake {
  if (breaker === 'open' || breaker === 'probing') {
    const from = probes > OLDEST_FOR && probes % 2 === 0 ? 'newest' : 'oldest'
    return { after: { breaker: 'probing', resume_at: leaseEnd, probes }, release: 'probe', from }
  }
  const after: Breaker = { breaker: 'draining', resume_at: now + PAGE_EVERY_MS, probes }
  return { after, release: 'drain', from: 'oldest' }
}
