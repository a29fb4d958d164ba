import type { ErrorClass, Outcome } from './outcome'

const SECOND = 1_000
/** An answer slower than this makes an endpoint slow. */
export const SLOW_MS = 5 * SECOND
/** How long an endpoint counts as slow after it last was. */
export const SLOW_FOR_MS = 10 * 60 * SECOND

export type Lane = 'fresh' | 'patient'

export interface EndpointHealth {
  consecutiveFailures: number
  slowUntil: number | null
}

export interface HealthFacts {
  outcome: Outcome
  errorClass: ErrorClass | null
  durationMs: number
}

/** A change to write: nothing is written when a healthy endpoint stays healthy. */
export interface HealthChange {
  failures: 'add' | 'reset' | 'keep'
  slowUntil: number | null
  disable: 'gone' | null
}

/** Failing or slow endpoints wait on the patient lane, so that they never hold up a fresh notification. */
export function laneFor(health: EndpointHealth, now: number): Lane {
  const slow = health.slowUntil !== null && health.slowUntil > now
  return health.consecutiveFailures > 0 || slow ? 'patient' : 'fresh'
}

/**
 * @param health as it was read before the attempt
 * @returns what one attempt changes about its endpoint, or null when it changes nothing
 */
export function healthChange(
  health: EndpointHealth,
  facts: HealthFacts,
  now: number
): HealthChange | null {
  const failures = failureChange(health, facts)
  const slow = facts.outcome === 'timed_out' || facts.durationMs > SLOW_MS
  const disable = facts.errorClass === 'gone' ? 'gone' : null
  if (failures === 'keep' && !slow && !disable) return null
  return { failures, slowUntil: slow ? now + SLOW_FOR_MS : null, disable }
}

/** Being told to slow down is no failure; our own policy or our own fault says nothing about the receiver. */
function failureChange(health: EndpointHealth, facts: HealthFacts): HealthChange['failures'] {
  if (facts.outcome === 'blocked') return 'keep'
  if (facts.errorClass === 'rate_limited' || facts.errorClass === 'sender_fault') return 'keep'
  if (facts.outcome !== 'delivered') return 'add'
  return health.consecutiveFailures > 0 ? 'reset' : 'keep'
}
