import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../kit/lib/time'
import { type Breaker, CLOSED, close, drain, hold, isOpen, OPEN_AFTER, open, type Release, throttleMs } from './breaker'
import type { Verdict } from './outcome'
import { pause, retryLater } from './pace'

/** A response slower than this marks the endpoint as slow. */
export const SLOW_MS = 5_000
/** How long an endpoint stays marked as slow after its last slow response. */
export const SLOW_FOR_MS = 10 * MINUTE_MS
/** An endpoint that has failed for this long without a single success is disabled. */
export const DISABLE_AFTER_MS = 5 * DAY_MS
/** Longer than any wait between attempts. If nothing has been sent for this long, the gap does not count as failing. */
const IDLE_MS = 36 * HOUR_MS
/** The owner is warned when these percentages of `DISABLE_AFTER_MS` have passed. */
const WARNINGS = [50, 90] as const

export type Lane = 'fresh' | 'patient'

/** The columns of `endpoints` that attempts change. Times are epoch milliseconds. */
export interface EndpointHealth extends Breaker {
  /** Failures since the last success. Failures while the breaker is open do not count. */
  consecutive_failures: number
  /** When the first failure since the last success occurred. */
  failing_since: number | null
  last_failure_at: number | null
  slow_until: number | null
  /** How many warnings have been sent; also 2 if the endpoint was disabled, so that its recovery is announced. */
  warnings: number
}

export const HEALTHY: EndpointHealth = {
  ...CLOSED,
  consecutive_failures: 0,
  failing_since: null,
  last_failure_at: null,
  slow_until: null,
  warnings: 0,
}
export const HEALTH_FIELDS = Object.keys(HEALTHY) as (keyof EndpointHealth)[]

export interface HealthFacts extends Verdict {
  status_code: number | null
  duration_ms: number
  release?: Release | undefined
}

/** A change in an endpoint's health that other endpoints can subscribe to. */
export type HealthEvent =
  | { type: 'endpoint.failing'; percent: (typeof WARNINGS)[number] }
  | { type: 'endpoint.disabled'; reason: DisableReason }
  | { type: 'endpoint.recovered' }

export type DisableReason = 'gone' | 'failing'
export type HealthStep = { health: EndpointHealth; disable: DisableReason | null; events: HealthEvent[] }

/** Failing and slow endpoints use the patient lane, so that they never delay a fresh notification. */
export function laneFor(health: Pick<EndpointHealth, 'consecutive_failures' | 'slow_until'>, now: number): Lane {
  return health.consecutive_failures > 0 || isSlow(health, now) ? 'patient' : 'fresh'
}

export function isSlow({ slow_until }: Pick<EndpointHealth, 'slow_until'>, now: number): boolean {
  return slow_until !== null && slow_until > now
}

/** A success of a healthy endpoint changes nothing, unless it is paced. @param interval its pace in minutes, or 0 */
export function afterAttempt(before: EndpointHealth, facts: HealthFacts, now: number, interval = 0): HealthStep {
  const health = slowed(before, facts, now)
  if (facts.outcome === 'delivered') return succeeded(health, now, interval, facts.release)
  // A 429 is not a failure.
  if (facts.error_class === 'rate_limited')
    return unannounced({ ...health, ...hold(health, throttleMs(health, facts.retry_after_ms), now) })
  // A URL that our policy blocks, or an internal error, says nothing about the receiver.
  if (facts.outcome === 'blocked' || facts.error_class === 'sender_fault') return unannounced(health)
  return failed(health, facts, now, interval > 0)
}

const unannounced = (health: EndpointHealth): HealthStep => ({ health, disable: null, events: [] })

/**
 * 502 and 504 mean that the receiver is overloaded (Standard Webhooks, "Deliverability and reliability"). To save
 * writes, `slow_until` is extended only when half of the slow period has passed.
 */
function slowed(health: EndpointHealth, facts: HealthFacts, now: number): EndpointHealth {
  const overloaded = facts.status_code === 502 || facts.status_code === 504
  const slow = overloaded || facts.outcome === 'timed_out' || facts.duration_ms > SLOW_MS
  const isKnown = (health.slow_until ?? 0) - now > SLOW_FOR_MS / 2
  return slow && !isKnown ? { ...health, slow_until: now + SLOW_FOR_MS } : health
}

function succeeded(before: EndpointHealth, now: number, interval: number, release?: Release): HealthStep {
  const { consecutive_failures, probes, slow_until, warnings, failing_since, last_failure_at } = before
  const isHealthy = consecutive_failures === 0 && probes === 0 && warnings === 0
  const after = interval > 0 ? pause(before, interval, now) : close(before, now, release)
  const isSame = interval === 0 && after.breaker === before.breaker
  if (isSame && isHealthy && failing_since === null && last_failure_at === null) return unannounced(before)
  const health = { ...HEALTHY, ...after, slow_until }
  const events: HealthEvent[] = isOpen(before) || warnings > 0 ? [{ type: 'endpoint.recovered' }] : []
  return { health, disable: null, events }
}

function failed(before: EndpointHealth, facts: HealthFacts, now: number, isPaced: boolean): HealthStep {
  const health = counted(before, facts.retry_after_ms ?? 0, now, isPaced)
  if (facts.error_class === 'gone') return disabled(health, 'gone')
  const failingFor = now - (health.failing_since ?? now)
  const hasOpened = health.breaker === 'open'
  if (hasOpened && failingFor >= DISABLE_AFTER_MS) return disabled(health, 'failing')
  const due = WARNINGS.filter((percent) => failingFor >= (DISABLE_AFTER_MS * percent) / 100)
  const percent = due.at(-1)
  if (!hasOpened || percent === undefined || due.length <= health.warnings) return unannounced(health)
  const event: HealthEvent = { type: 'endpoint.failing', percent }
  return { health: { ...health, warnings: due.length }, disable: null, events: [event] }
}

/** A late failure is not counted if the request was sent before the breaker opened. */
function counted(before: EndpointHealth, hintMs: number, now: number, isPaced: boolean): EndpointHealth {
  if (before.breaker === 'open') return hintMs > 0 ? { ...before, ...open(before, hintMs, now) } : before
  const consecutive_failures = before.consecutive_failures + 1
  const wasIdle = before.last_failure_at !== null && now - before.last_failure_at > IDLE_MS
  return {
    ...before,
    ...breakerAfterFailure(before, consecutive_failures, hintMs, now, isPaced),
    consecutive_failures,
    failing_since: wasIdle ? now : (before.failing_since ?? now),
    last_failure_at: now,
    warnings: wasIdle ? 0 : before.warnings,
  }
}

function breakerAfterFailure(before: Breaker, failures: number, hintMs: number, now: number, isPaced: boolean) {
  if (before.breaker === 'probing' || failures >= OPEN_AFTER) return open(before, hintMs, now)
  if (isPaced) return retryLater(before, failures, hintMs, now)
  return hintMs > 0 ? hold(before, hintMs, now) : before
}

/** Parked deliveries stay parked, because nothing is sent to a disabled endpoint. */
function disabled(health: EndpointHealth, reason: DisableReason): HealthStep {
  const event: HealthEvent = { type: 'endpoint.disabled', reason }
  return { health: { ...health, ...CLOSED }, disable: reason, events: [event] }
}

/** A fresh start after a person enabled the endpoint: parked deliveries first. @param reason why it was disabled */
export function enabled(reason: string | null, now: number): EndpointHealth {
  const warnings = reason === 'gone' || reason === 'failing' ? WARNINGS.length : 0
  return { ...HEALTHY, ...drain(now), warnings }
}

/** @returns what the owner does to a disabled endpoint, so that it gets events: one that was registered is approved */
export function verbFor({ disabled_reason }: { disabled_reason: string | null }): 'approve' | 'enable' {
  return disabled_reason === 'awaiting_approval' ? 'approve' : 'enable'
}
