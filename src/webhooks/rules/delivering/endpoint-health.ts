import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../kit/lib/time'
import { type Breaker, CLOSED, isOpen, type Release } from './breaker'
import type { Verdict } from './outcome'
import { AT_ONCE, getsCalls, type Pace } from './pace'
import { afterFailure, afterNewStart, afterSuccess, named, OPEN_AFTER, opened, throttleMs } from './waiting'

/** A response slower than this marks the endpoint as slow. */
export const SLOW_MS = 5_000
/** How long an endpoint stays marked as slow after its last slow response. */
export const SLOW_FOR_MS = 10 * MINUTE_MS
/** To save writes, `slow_until` is moved only if the new time is at least this much later. */
export const SLOW_NEWS_MS = SLOW_FOR_MS / 2
/** An endpoint that has failed for this long without a single success is disabled. */
export const DISABLE_AFTER_MS = 5 * DAY_MS
/** Longer than any wait between attempts. If nothing has been sent for this long, the gap does not count as failing. */
const IDLE_MS = 36 * HOUR_MS
/** The owner is warned when these percentages of `DISABLE_AFTER_MS` have passed. */
const WARNINGS = [50, 90] as const
/** An outage with a backlog ends when the backlog is through, and nothing has failed for this long. */
export const STABLE_AFTER_MS = 5 * MINUTE_MS

export type Lane = 'fresh' | 'patient'

/** The columns of `endpoints` that attempts change. Times are epoch milliseconds. */
export interface EndpointHealth extends Breaker {
  /** Failures since the last success. Failures while the breaker is open do not count. */
  consecutive_failures: number
  /** When the first failure since the last success occurred. */
  failing_since: number | null
  last_failure_at: number | null
  slow_until: number | null
  /** How many warnings have been sent. */
  warnings: number
  /**
   * When the outage began: the first failure before the breaker opened, or before the endpoint was disabled. Null if there
   * is none. One recovery is announced for each outage.
   */
  outage_since: number | null
  /** The failures in a row with which it began, for the event that announces the recovery. */
  outage_failures: number
  /** After the first success in an outage: when the outage ends, unless another attempt fails. */
  stable_at: number | null
}

export const HEALTHY: EndpointHealth = {
  ...CLOSED,
  consecutive_failures: 0,
  failing_since: null,
  last_failure_at: null,
  slow_until: null,
  warnings: 0,
  outage_since: null,
  outage_failures: 0,
  stable_at: null,
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

type DisableReason = 'gone' | 'failing'
export type HealthStep = { health: EndpointHealth; disable: DisableReason | null; events: HealthEvent[] }

/** Failing and slow endpoints use the patient lane, so that they never delay a fresh notification. */
export function laneFor(health: Pick<EndpointHealth, 'consecutive_failures' | 'slow_until'>, now: number): Lane {
  return health.consecutive_failures > 0 || isSlow(health, now) ? 'patient' : 'fresh'
}

export function isSlow({ slow_until }: Pick<EndpointHealth, 'slow_until'>, now: number): boolean {
  return slow_until !== null && slow_until > now
}

/** A success of a healthy endpoint changes nothing, unless it gets calls. */
export function healthAfter(before: EndpointHealth, facts: HealthFacts, now: number, pace: Pace = AT_ONCE): HealthStep {
  const health = slowed(before, facts, now)
  if (facts.outcome === 'delivered') return succeeded(health, now, pace, facts.release)
  // A 429 is not a failure.
  if (facts.error_class === 'rate_limited')
    return unannounced({ ...health, ...named(health, throttleMs(health, facts.retry_after_ms), now) })
  // A URL that our policy blocks, or an internal error, says nothing about the receiver.
  if (facts.outcome === 'blocked' || facts.error_class === 'sender_fault') return unannounced(health)
  return failed(health, facts, now, pace)
}

const unannounced = (health: EndpointHealth): HealthStep => ({ health, disable: null, events: [] })

/**
 * 502 and 504 mean that the receiver is overloaded (Standard Webhooks, "Deliverability and reliability").
 */
function slowed(health: EndpointHealth, facts: HealthFacts, now: number): EndpointHealth {
  const overloaded = facts.status_code === 502 || facts.status_code === 504
  const slow = overloaded || facts.outcome === 'timed_out' || facts.duration_ms > SLOW_MS
  const slow_until = now + SLOW_FOR_MS
  return slow && isSlowNews(slow_until, health.slow_until) ? { ...health, slow_until } : health
}

const isSlowNews = (next: number | null, known: number | null): boolean => (next ?? 0) - (known ?? 0) >= SLOW_NEWS_MS

function succeeded(before: EndpointHealth, now: number, pace: Pace, release?: Release): HealthStep {
  const { consecutive_failures, probes, slow_until, warnings, failing_since, last_failure_at } = before
  const isHealthy = consecutive_failures === 0 && probes === 0 && warnings === 0
  const after = afterSuccess(before, pace, now, release)
  const isSame = !getsCalls(pace) && after.breaker === before.breaker
  const isNews = before.outage_since !== null && before.stable_at === null
  if (isSame && isHealthy && !isNews && failing_since === null && last_failure_at === null) return unannounced(before)
  const isOver = before.outage_since !== null && getsCalls(pace)
  const outage = isOver ? NO_OUTAGE : firstSuccess(before, now)
  return {
    health: { ...HEALTHY, ...outage, ...untilStable(after, outage), slow_until },
    disable: null,
    events: isOver ? [{ type: 'endpoint.recovered' }] : [],
  }
}

/*
 * Outages. An outage begins when the breaker opens, or when the endpoint is disabled because of its failures. After the
 * first success, the endpoint is unstable until its backlog is through and nothing has failed for five minutes. If
 * nothing waits at the first success, the outage ends with the next step of the clock. A call covers all that waits, so
 * its success ends the outage. webhooks/send/deliver/release-parked.ts acts on `stable_at`.
 */

type Outage = Pick<EndpointHealth, 'outage_since' | 'outage_failures' | 'stable_at'>

export const NO_OUTAGE: Outage = { outage_since: null, outage_failures: 0, stable_at: null }

const outageOf = ({ outage_since, outage_failures, stable_at }: Outage): Outage => ({
  outage_since,
  outage_failures,
  stable_at,
})

/** Whether the endpoint has worked again during an outage, and may fail again. */
export const isUnstable = ({ outage_since, stable_at }: Omit<Outage, 'outage_failures'>): boolean =>
  outage_since !== null && stable_at !== null

function firstSuccess(before: Outage, now: number): Outage {
  const outage = outageOf(before)
  return outage.outage_since !== null && outage.stable_at === null ? { ...outage, stable_at: now } : outage
}

/** While the endpoint waits for nothing, the clock has only the outage to end. */
function untilStable({ breaker, resume_at, probes }: Breaker, { stable_at }: Outage): Breaker {
  return { breaker, resume_at: breaker === 'closed' ? stable_at : resume_at, probes }
}

/** Another failure continues the outage, and a breaker that opens begins one. */
function failedAgain(before: Outage, health: EndpointHealth, now: number): EndpointHealth {
  const { failing_since, consecutive_failures: failures } = health
  if (health.breaker === 'open') {
    const outage_since = before.outage_since ?? failing_since
    return { ...health, outage_since, outage_failures: Math.max(before.outage_failures, failures), stable_at: null }
  }
  const outage = { ...outageOf(before), ...(isUnstable(before) && { stable_at: now + STABLE_AFTER_MS }) }
  return { ...health, ...outage, ...untilStable(health, outage) }
}

function failed(before: EndpointHealth, facts: HealthFacts, now: number, pace: Pace): HealthStep {
  const health = counted(before, facts.retry_after_ms ?? 0, now, pace)
  if (facts.error_class === 'gone') return disabled(health, 'gone', now)
  const failingFor = now - (health.failing_since ?? now)
  const hasOpened = health.breaker === 'open'
  if (hasOpened && failingFor >= DISABLE_AFTER_MS) return disabled(health, 'failing', now)
  const due = WARNINGS.filter((percent) => failingFor >= (DISABLE_AFTER_MS * percent) / 100)
  const percent = due.at(-1)
  if (!hasOpened || percent === undefined || due.length <= health.warnings) return unannounced(health)
  const event: HealthEvent = { type: 'endpoint.failing', percent }
  return { health: { ...health, warnings: due.length }, disable: null, events: [event] }
}

/** A late failure is not counted if the request was sent before the breaker opened. */
function counted(before: EndpointHealth, hintMs: number, now: number, pace: Pace): EndpointHealth {
  if (before.breaker === 'open') return hintMs > 0 ? { ...before, ...opened(before, hintMs, now) } : before
  const consecutive_failures = before.consecutive_failures + 1
  const wasIdle = before.last_failure_at !== null && now - before.last_failure_at > IDLE_MS
  const health = {
    ...before,
    ...afterFailure(before, consecutive_failures, hintMs, pace, now),
    consecutive_failures,
    failing_since: wasIdle ? now : (before.failing_since ?? now),
    last_failure_at: now,
    warnings: wasIdle ? 0 : before.warnings,
  }
  return failedAgain(before, health, now)
}

/** Parked deliveries stay parked, because nothing is sent to a disabled endpoint. */
function disabled(health: EndpointHealth, reason: DisableReason, now: number): HealthStep {
  const { outage_since, outage_failures, failing_since, consecutive_failures } = health
  const outage = {
    outage_since: outage_since ?? failing_since ?? now,
    outage_failures: Math.max(outage_failures, consecutive_failures),
    stable_at: null,
  }
  const event: HealthEvent = { type: 'endpoint.disabled', reason }
  return { health: { ...health, ...CLOSED, ...outage }, disable: reason, events: [event] }
}

/**
 * A fresh start after a person enabled the endpoint, or changed its URL: what has waited goes first. An outage goes on
 * until an attempt succeeds.
 */
export function newStart(act: 'enabled' | 'moved', before: EndpointHealth, pace: Pace, now: number): EndpointHealth {
  const { outage_since, outage_failures } = before
  return { ...HEALTHY, ...afterNewStart(act, before, pace, now), outage_since, outage_failures }
}

/** @returns what the owner does to a disabled endpoint, so that it gets events: one that was registered is approved */
export function verbFor({ disabled_reason }: { disabled_reason: string | null }): 'approve' | 'enable' {
  return disabled_reason === 'awaiting_approval' ? 'approve' : 'enable'
}

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

/** @returns the later of two times, or the one that there is */
function later(a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : Math.max(a, b)
}

/**
 * Adds what an order has learned to health that others have changed since the order read it. While the breaker is open,
 * only a probe or a manual retry can close it, and late failures no longer count. `webhooks/endpoints/health.ts`
 * has the same rule in SQL, because it must be one statement. Tests compare the two; the Worker runs only the statement.
 * @param row what the table contains @param pace that of the row
 */
export function merge(row: EndpointHealth, own: Learned, now: number, pace: Pace = AT_ONCE): EndpointHealth {
  const slow_until = isSlowNews(own.health.slow_until, row.slow_until) ? own.health.slow_until : row.slow_until
  if (own.disable === 'gone') return { ...own.health, slow_until }
  if (isOpen(row) && !(own.succeeded && own.was_open)) {
    const resume_at = row.breaker === 'open' ? later(row.resume_at, own.hold_until) : row.resume_at
    return { ...row, resume_at, slow_until }
  }
  const before = own.succeeded ? cleared(row, now, pace) : row
  const consecutive_failures = before.consecutive_failures + own.failures
  const failing_since = before.failing_since ?? own.since
  const last_failure_at = later(before.last_failure_at, own.latest)
  const breaker = mergedBreaker(before, consecutive_failures, own, now, pace)
  const merged = { ...before, ...breaker, consecutive_failures, failing_since, last_failure_at, slow_until }
  return { ...merged, ...mergedOutage(merged, own, now) }
}

function mergedBreaker(before: EndpointHealth, failures: number, own: Learned, now: number, pace: Pace) {
  const hintMs = (own.hold_until ?? now) - now
  if (own.failures > 0 && failures >= OPEN_AFTER) return afterFailure(before, failures, hintMs, pace, now)
  if (own.hold_until !== null) {
    const probes = before.breaker === 'held' && before.probes > 0 ? before.probes : Math.max(own.health.probes, 1)
    const retryAt = callRetryAt(own, failures, now, pace)
    return { ...named(before, hintMs, now), resume_at: Math.max(own.hold_until, retryAt, heldUntil(before)), probes }
  }
  return own.failures > 0 ? afterFailure(before, failures, 0, pace, now) : {}
}

/** When a failed call would be made again if nothing else held the endpoint. */
function callRetryAt(own: Learned, failures: number, now: number, pace: Pace): number {
  if (own.failures === 0 || !getsCalls(pace)) return 0
  const called = { breaker: 'draining' as const, resume_at: now, probes: 0 }
  return afterFailure(called, failures, 0, pace, now).resume_at ?? 0
}

const heldUntil = ({ breaker, resume_at }: EndpointHealth) => (breaker === 'held' ? (resume_at ?? 0) : 0)

function cleared(row: EndpointHealth, now: number, pace: Pace): EndpointHealth {
  const none = { consecutive_failures: 0, failing_since: null, last_failure_at: null, warnings: 0 }
  const isOver = row.outage_since !== null && getsCalls(pace)
  const stable_at = row.outage_since === null ? row.stable_at : (row.stable_at ?? now)
  return { ...row, ...afterSuccess(row, pace, now), ...none, ...(isOver ? NO_OUTAGE : { stable_at }) }
}

function mergedOutage(merged: EndpointHealth, own: Learned, now: number): Partial<EndpointHealth> {
  const { outage_since, failing_since, consecutive_failures } = merged
  const isOpening = own.failures > 0 && consecutive_failures >= OPEN_AFTER
  if (isOpening) {
    const outage_failures = Math.max(merged.outage_failures, consecutive_failures)
    return { outage_since: outage_since ?? failing_since ?? now, outage_failures, stable_at: null }
  }
  const stable_at = own.failures > 0 && isUnstable(merged) ? now + STABLE_AFTER_MS : merged.stable_at
  return { stable_at, ...untilStable(merged, { ...merged, stable_at }) }
}
