import { isOpen } from './breaker'
import {
  type DisableReason,
  type EndpointHealth,
  type HealthEvent,
  type HealthFacts,
  healthAfter,
  SLOW_FOR_MS,
} from './endpoint-health'
import type { Pace } from './pace'
import { throttleMs } from './waiting'

/*
 * What the attempts of one work order add to the health of an endpoint. Orders overlap: an attempt can take 15 seconds,
 * and an order that reads an endpoint's health may find that others have changed it before it writes. What an order
 * adds is therefore kept apart from what it has read, so that it can be added to any later state. The pace is not part
 * of it: when the next call is due follows from the pace that the row has when the result is written.
 */

/** The part of a work order's result that concerns one endpoint. */
export interface Learned {
  /** The health, if nobody else has changed it. */
  health: EndpointHealth
  disable: DisableReason | null
  /** Whether the breaker was open when the order read it, so that a success is that of a probe or a manual retry. */
  was_open: boolean
  /** Whether an attempt has succeeded. */
  succeeded: boolean
  /** The failures since the last success in this order, and when the first and the last of them occurred. */
  failures: number
  since: number | null
  latest: number | null
  /** Until when the receiver wants no requests. */
  hold_until: number | null
}

/** @param health what the order has read */
export function learnNothing(health: EndpointHealth): Learned {
  const added = { succeeded: false, failures: 0, since: null, latest: null, hold_until: null }
  return { health, disable: null, was_open: isOpen(health), ...added }
}

/** Adds the result of an attempt. See `healthAfter` for the parameters. */
export function learn(before: Learned, facts: HealthFacts, now: number, pace?: Pace) {
  const { health, disable, events } = healthAfter(before.health, facts, now, pace)
  const learned = { ...before, ...addedBy(before, facts, health, now), health, disable }
  return { learned, events } satisfies { learned: Learned; events: HealthEvent[] }
}

function addedBy(before: Learned, facts: HealthFacts, health: EndpointHealth, now: number): Partial<Learned> {
  if (facts.outcome === 'delivered') return { succeeded: true, failures: 0, since: null, latest: null }
  const hold_until = later(before.hold_until, namedTime(before.health, facts, now))
  const isCounted = health.consecutive_failures > before.health.consecutive_failures
  if (!isCounted) return { hold_until }
  return { hold_until, failures: before.failures + 1, since: before.since ?? now, latest: now }
}

/** @returns until when a response asks for a pause, or null */
function namedTime(before: EndpointHealth, { error_class, retry_after_ms }: HealthFacts, now: number): number | null {
  if (error_class === 'rate_limited') return now + throttleMs(before, retry_after_ms)
  return retry_after_ms ? now + retry_after_ms : null
}

/** How much later a new `slow_until` has to be. See `slowed` in endpoint-health.ts. */
export const SLOW_NEWS_MS = SLOW_FOR_MS / 2

/** @returns the later of two times, or the one that there is */
export function later(a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : Math.max(a, b)
}
