import { OPEN_AFTER } from '../../core/delivering/breaker'
import { type EndpointHealth, type Lane, laneFor } from '../../core/delivering/endpoint-health'

/*
 * What this isolate knows before the database does: which receivers are keeping an attempt waiting right now. Their next deliveries take the patient
 * lane at once, instead of after the deadline. A hint, lost with the isolate; whether a receiver is slow is written when its attempt has ended.
 */

/** A receiver that takes longer would keep others waiting. */
const SUSPECT_AFTER_MS = 100
/** With so many under way that have waited this long, more would tell nothing new: they would fail together, and open the breaker. */
const STUCK_AFTER_MS = 2_000
/** Longer than any attempt: an invocation that was cut off notes no end. */
const FORGET_AFTER_MS = 20_000

/** When the attempts under way began, by endpoint. */
const underWay = new Map<string, Set<{ at: number }>>()

/** @returns to be called when the attempt has ended */
export function noteBegin(endpointId: string, now: number): () => void {
  const attempt = { at: now }
  const attempts = underWay.get(endpointId) ?? new Set()
  underWay.set(endpointId, attempts.add(attempt))
  return () => {
    attempts.delete(attempt)
    if (attempts.size === 0) underWay.delete(endpointId)
  }
}

/** @returns the lane for an endpoint's next delivery: by what is stored, and by what is known here already */
export function laneNow(endpointId: string, health: EndpointHealth, now: number): Lane {
  return isSuspect(endpointId, now) ? 'patient' : laneFor(health, now)
}

/** Whether a receiver lets so many attempts wait that the next had better come when they have ended. */
export function isStuck(endpointId: string, now: number): boolean {
  return countWaiting(endpointId, STUCK_AFTER_MS, now) >= OPEN_AFTER
}

function isSuspect(endpointId: string, now: number): boolean {
  return countWaiting(endpointId, SUSPECT_AFTER_MS, now) > 0
}

function countWaiting(endpointId: string, afterMs: number, now: number): number {
  const attempts = underWay.get(endpointId)
  if (!attempts) return 0
  for (const attempt of attempts) if (now - attempt.at > FORGET_AFTER_MS) attempts.delete(attempt)
  return [...attempts].filter(({ at }) => now - at >= afterMs).length
}
