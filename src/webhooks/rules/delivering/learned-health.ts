import { close, OPEN_AFTER, open } from './breaker'
import {
  afterAttempt,
  type DisableReason,
  type EndpointHealth,
  type HealthEvent,
  type HealthFacts,
  SLOW_FOR_MS,
} from './endpoint-health'

/*
 * What the attempts of one work order add to the health of an endpoint. Orders overlap: an attempt can take 15 seconds,
 * and an order that reads an endpoint's health may find that others have changed it before it writes. What an order
 * adds is therefore kept apart from what it has read, so that it can be added to any later state.
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
  /** Until when no requests may be sent, because of the receiver's response or the endpoint's pace. */
  hold_until: number | null
}

/** @param health what the order has read */
export function learnNothing(health: EndpointHealth): Learned {
  const added = { succeeded: false, failures: 0, since: null, latest: null, hold_until: null }
  return { health, disable: null, was_open: isOpen(health), ...added }
}

/** Adds the result of an attempt. See `afterAttempt` for the parameters. */
export function learn(before: Learned, facts: HealthFacts, now: number, interval: number) {
  const { health, disable, events } = afterAttempt(before.health, facts, now, interval)
  const learned = { ...before, ...addedBy(before, facts, health, now), health, disable }
  return { learned, events } satisfies { learned: Learned; events: HealthEvent[] }
}

function addedBy(before: Learned, facts: HealthFacts, health: EndpointHealth, now: number): Partial<Learned> {
  const holds = health.breaker === 'held' || (health.breaker === 'open' && (facts.retry_after_ms ?? 0) > 0)
  const hold_until = holds ? later(before.hold_until, health.resume_at) : before.hold_until
  if (facts.outcome === 'delivered') return { hold_until, succeeded: true, failures: 0, since: null, latest: null }
  const isCounted = health.consecutive_failures > before.health.consecutive_failures
  if (!isCounted) return { hold_until }
  return { hold_until, failures: before.failures + 1, since: before.since ?? now, latest: now }
}

/**
 * Adds what an order has learned to health that others have changed since the order read it. While the breaker is open,
 * only a probe or a manual retry can close it, and late failures no longer count. `webhooks/endpoints/health/save.ts`
 * has the same rule in SQL, and a test compares the two.
 * @param row what the table contains
 */
export function merge(row: EndpointHealth, own: Learned, now: number): EndpointHealth {
  const slow_until = isNews(row, own) ? own.health.slow_until : row.slow_until
  if (own.disable === 'gone') return { ...own.health, slow_until }
  if (isOpen(row) && !(own.succeeded && own.was_open)) {
    const resume_at = row.breaker === 'open' ? later(row.resume_at, own.hold_until) : row.resume_at
    return { ...row, resume_at, slow_until }
  }
  const before = own.succeeded ? afterSuccess(row, now) : row
  const consecutive_failures = before.consecutive_failures + own.failures
  const failing_since = before.failing_since ?? own.since
  const last_failure_at = later(before.last_failure_at, own.latest)
  const breaker = mergedBreaker(before, consecutive_failures, own, now)
  return { ...before, ...breaker, consecutive_failures, failing_since, last_failure_at, slow_until }
}

function mergedBreaker(before: EndpointHealth, failures: number, own: Learned, now: number) {
  const { hold_until } = own
  if (own.failures > 0 && failures >= OPEN_AFTER) return open(before, (hold_until ?? now) - now, now)
  if (hold_until === null) return {}
  if (before.breaker === 'held') return { resume_at: later(before.resume_at, hold_until) }
  return { breaker: 'held' as const, resume_at: hold_until, probes: own.health.probes }
}

function afterSuccess(row: EndpointHealth, now: number): EndpointHealth {
  const none = { consecutive_failures: 0, failing_since: null, last_failure_at: null, warnings: 0 }
  return { ...row, ...close(row, now), ...none }
}

function isOpen({ breaker }: EndpointHealth): boolean {
  return breaker === 'open' || breaker === 'probing'
}

/** How much later a new `slow_until` has to be. See `slowed` in endpoint-health.ts. */
export const SLOW_NEWS_MS = SLOW_FOR_MS / 2

function isNews(row: EndpointHealth, own: Learned): boolean {
  return (own.health.slow_until ?? 0) - (row.slow_until ?? 0) >= SLOW_NEWS_MS
}

function later(a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : Math.max(a, b)
}
