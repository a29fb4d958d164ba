import { type Breaker, CLOSED, close, drain, hold, OPEN_AFTER, open, throttleMs } from './breaker'
import type { ErrorClass, Outcome } from './outcome'

const SECOND = 1_000
const HOUR = 3_600 * SECOND
/** An answer slower than this makes an endpoint slow. */
export const SLOW_MS = 5 * SECOND
/** How long an endpoint counts as slow after it last was. */
export const SLOW_FOR_MS = 10 * 60 * SECOND
/** Failing for so long without one success, an endpoint is disabled. */
export const DISABLE_AFTER_MS = 5 * 24 * HOUR
/** Longer than any wait of ours: so nobody asked meanwhile, and time without a request is no time of failing. */
const IDLE_MS = 36 * HOUR
/** Owners are warned when that much of the time to disabling has passed, in percent. */
const WARNINGS = [50, 90] as const

export type Lane = 'fresh' | 'patient'

export interface EndpointHealth {
  breaker: Breaker
  /** Since the last success; what comes while the breaker is open is not counted. */
  consecutive_failures: number
  /** The first failure after a success; epoch milliseconds, as all times here. */
  failing_since: number | null
  last_failure_at: number | null
  slow_until: number | null
  /** Warnings given, or 2 when it was disabled: who was told of a failure is told of the recovery. */
  warnings: number
}

export const HEALTHY: EndpointHealth = {
  breaker: CLOSED,
  consecutive_failures: 0,
  failing_since: null,
  last_failure_at: null,
  slow_until: null,
  warnings: 0,
}

export interface HealthFacts {
  outcome: Outcome
  error_class: ErrorClass | null
  status_code: number | null
  retry_after_ms: number | null
  duration_ms: number
}

/** What others may want to know of an endpoint. */
export type HealthEvent =
  | { type: 'endpoint.failing'; percent: (typeof WARNINGS)[number] }
  | { type: 'endpoint.disabled'; reason: DisableReason }
  | { type: 'endpoint.recovered' }

export type DisableReason = 'gone' | 'failing'

export interface HealthStep {
  health: EndpointHealth
  disable: DisableReason | null
  events: HealthEvent[]
}

/** Failing or slow endpoints wait on the patient lane, so that they never hold up a fresh notification. */
export function laneFor(
  health: Pick<EndpointHealth, 'consecutive_failures' | 'slow_until'>,
  now: number
): Lane {
  return health.consecutive_failures > 0 || isSlow(health, now) ? 'patient' : 'fresh'
}

export function isSlow(
  { slow_until: slowUntil }: Pick<EndpointHealth, 'slow_until'>,
  now: number
): boolean {
  return slowUntil !== null && slowUntil > now
}

/**
 * What one attempt says about its endpoint. A healthy endpoint that answers stays as it is, so that nothing is written.
 * @param now when it ended
 */
export function afterAttempt(before: EndpointHealth, facts: HealthFacts, now: number): HealthStep {
  const health = slowed(before, facts, now)
  switch (judge(facts)) {
    case 'success':
      return succeeded(health, now)
    case 'throttled':
      return unnoticed({
        ...health,
        breaker: hold(health.breaker, throttleMs(health.breaker, facts.retry_after_ms), now),
      })
    case 'failure':
      return failed(health, facts, now)
    case 'neither':
      return unnoticed(health)
  }
}

/** Being told to slow down is no failure; our own policy or our own fault says nothing about the receiver. */
function judge(facts: HealthFacts): 'success' | 'failure' | 'throttled' | 'neither' {
  if (facts.outcome === 'delivered') return 'success'
  if (facts.error_class === 'rate_limited') return 'throttled'
  if (facts.outcome === 'blocked' || facts.error_class === 'sender_fault') return 'neither'
  return 'failure'
}

function unnoticed(health: EndpointHealth): HealthStep {
  return { health, disable: null, events: [] }
}

/** 502 and 504 say that the receiver is under load (Standard Webhooks, "Deliverability and reliability"). Written anew only when half of the time has passed. */
function slowed(health: EndpointHealth, facts: HealthFacts, now: number): EndpointHealth {
  const overloaded = facts.status_code === 502 || facts.status_code === 504
  const slow = overloaded || facts.outcome === 'timed_out' || facts.duration_ms > SLOW_MS
  const known = (health.slow_until ?? 0) - now > SLOW_FOR_MS / 2
  return slow && !known ? { ...health, slow_until: now + SLOW_FOR_MS } : health
}

function succeeded(before: EndpointHealth, now: number): HealthStep {
  const { breaker, consecutive_failures: consecutiveFailures, warnings } = before
  if (consecutiveFailures === 0 && breaker.probes === 0 && warnings === 0) return unnoticed(before)
  const wasOpen = breaker.state === 'open' || breaker.state === 'probing'
  const health = { ...HEALTHY, breaker: close(breaker, now), slow_until: before.slow_until }
  const events: HealthEvent[] = wasOpen || warnings > 0 ? [{ type: 'endpoint.recovered' }] : []
  return { health, disable: null, events }
}

function failed(before: EndpointHealth, facts: HealthFacts, now: number): HealthStep {
  const health = counted(before, facts.retry_after_ms ?? 0, now)
  if (facts.error_class === 'gone') return disabled(health, 'gone')
  const failingFor = now - (health.failing_since ?? now)
  const isOpen = health.breaker.state === 'open'
  if (isOpen && failingFor >= DISABLE_AFTER_MS) return disabled(health, 'failing')
  const due = WARNINGS.filter((percent) => failingFor >= (DISABLE_AFTER_MS * percent) / 100)
  const percent = due.at(-1)
  if (!isOpen || percent === undefined || due.length <= health.warnings) return unnoticed(health)
  const event: HealthEvent = { type: 'endpoint.failing', percent }
  return { health: { ...health, warnings: due.length }, disable: null, events: [event] }
}

/** A failure that comes late, of a request that was under way when the breaker opened, is not counted: nothing is written for it. */
function counted(before: EndpointHealth, hintMs: number, now: number): EndpointHealth {
  const { breaker, failing_since: failingSince, last_failure_at: lastFailureAt } = before
  if (breaker.state === 'open') {
    return hintMs > 0 ? { ...before, breaker: open(breaker, hintMs, now) } : before
  }
  const consecutiveFailures = before.consecutive_failures + 1
  const wasIdle = lastFailureAt !== null && now - lastFailureAt > IDLE_MS
  return {
    ...before,
    consecutive_failures: consecutiveFailures,
    failing_since: wasIdle ? now : (failingSince ?? now),
    last_failure_at: now,
    warnings: wasIdle ? 0 : before.warnings,
    breaker: afterFailure(breaker, consecutiveFailures, hintMs, now),
  }
}

function afterFailure(breaker: Breaker, failures: number, hintMs: number, now: number): Breaker {
  if (breaker.state === 'probing' || failures >= OPEN_AFTER) return open(breaker, hintMs, now)
  return hintMs > 0 ? hold(breaker, hintMs, now) : breaker
}

/** What it was like stays to be seen; what was parked stays parked, since a disabled endpoint is sent nothing. */
function disabled(health: EndpointHealth, reason: DisableReason): HealthStep {
  const event: HealthEvent = { type: 'endpoint.disabled', reason }
  return { health: { ...health, breaker: CLOSED }, disable: reason, events: [event] }
}

/** A person enables it: a new start, in which what was parked goes first. */
export function enabled(reason: string | null, now: number): EndpointHealth {
  const warnings = reason === 'gone' || reason === 'failing' ? WARNINGS.length : 0
  return { ...HEALTHY, breaker: drain(now), warnings }
}
