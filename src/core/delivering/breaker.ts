import { MAX_RETRY_AFTER_MS } from './retry-schedule'

const MINUTE = 60_000

/**
 * What stands between an endpoint and its deliveries:
 *   closed    they go as they come
 *   open      it failed too often: they are parked, and `resumeAt` is when one of them goes as a probe
 *   probing   the probe is under way; `resumeAt` is its lease
 *   held      the receiver asked for patience (Retry-After): they are parked until `resumeAt`
 *   draining  what was parked goes, oldest first, a page a minute; what is new joins the end
 */
export const BREAKER_STATES = ['closed', 'open', 'probing', 'held', 'draining'] as const
export type BreakerState = (typeof BREAKER_STATES)[number]

export interface Breaker {
  state: BreakerState
  /** When something is to be done about what is parked; null while closed. */
  resume_at: number | null
  /** How often in a row waiting was answered by a failed probe, or by another request for patience. */
  probes: number
}

/** Failures in a row that open the breaker. */
export const OPEN_AFTER = 5
/** A page of what is parked is let go each minute. A little less than the sweep's minute, or every other sweep would come too early. */
export const PAGE_EVERY_MS = 50_000
/** After so many requests for patience in a row, who says "in a second" is not believed any more. */
const PATIENT_FOR = 10
/** After so many probes in vain, every other one is the newest: a message that a receiver cannot take must not hold up the rest. */
const OLDEST_FOR = 3

export const CLOSED: Breaker = { state: 'closed', resume_at: null, probes: 0 }

/** What lets deliveries go: a probe, a page of what was parked, or a person. Others go only while the breaker is closed. */
export type Release = 'probe' | 'drain' | 'manual'

/** @param release what let the delivery go; undefined for a first attempt or a retry */
export function mayPass(state: BreakerState, release: Release | undefined): boolean {
  if (release === 'drain') return state === 'closed' || state === 'draining'
  return release !== undefined || state === 'closed'
}

/** @returns 1, 2, 4 ... 60 minutes */
export function waitMs(probes: number): number {
  return Math.min(2 ** probes, 60) * MINUTE
}

/**
 * A failure of a receiver that has failed often enough, or that was being probed. A late one, of a request that was under way when the breaker
 * opened, changes nothing.
 * @param hintMs how long the receiver asked to be left alone, or 0
 */
export function open(breaker: Breaker, hintMs: number, now: number): Breaker {
  if (breaker.state === 'open') return postponed(breaker, hintMs, now)
  const probes = breaker.state === 'probing' ? breaker.probes + 1 : 0
  const heldUntil = breaker.state === 'held' ? (breaker.resume_at ?? 0) : 0
  const resumeAt = Math.max(now + waitMs(probes), now + hintMs, heldUntil)
  return { state: 'open', resume_at: resumeAt, probes }
}

/** Nothing goes to a receiver that asked for patience before it is over. */
export function hold(breaker: Breaker, hintMs: number, now: number): Breaker {
  if (breaker.state === 'open' || breaker.state === 'held') return postponed(breaker, hintMs, now)
  return { state: 'held', resume_at: now + hintMs, probes: breaker.probes + 1 }
}

function postponed(breaker: Breaker, hintMs: number, now: number): Breaker {
  return { ...breaker, resume_at: Math.max(breaker.resume_at ?? 0, now + hintMs) }
}

/**
 * How long a 429 holds: the hint counts in full; without a usable one the wait grows with each in a row, as it does when hints of a second are
 * given for ever.
 */
export function throttleMs(breaker: Breaker, hintMs: number | null): number {
  const least = hintMs ? breaker.probes - PATIENT_FOR : breaker.probes
  const grown = least < 0 ? 0 : waitMs(least)
  return Math.min(Math.max(hintMs ?? 0, grown), MAX_RETRY_AFTER_MS)
}

/** A success: whoever was given up on is back, and what was parked may go. A request for patience still holds. */
export function close(breaker: Breaker, now: number): Breaker {
  if (breaker.state === 'open' || breaker.state === 'probing') return drain(now)
  return { ...breaker, probes: 0 }
}

export function drain(now: number): Breaker {
  return { state: 'draining', resume_at: now, probes: 0 }
}

/** What the time that has come at `resumeAt` lets go. */
export interface Wake {
  breaker: Breaker
  release: 'probe' | 'drain'
  from: 'oldest' | 'newest'
}

/** @param leaseEnd when a probe that was never heard of again may be followed by another */
export function wake(breaker: Breaker, now: number, leaseEnd: number): Wake {
  const { state, probes } = breaker
  if (state === 'open' || state === 'probing') {
    const from = probes > OLDEST_FOR && probes % 2 === 0 ? 'newest' : 'oldest'
    return { breaker: { state: 'probing', resume_at: leaseEnd, probes }, release: 'probe', from }
  }
  const page: Breaker = { state: 'draining', resume_at: now + PAGE_EVERY_MS, probes }
  return { breaker: page, release: 'drain', from: 'oldest' }
}
