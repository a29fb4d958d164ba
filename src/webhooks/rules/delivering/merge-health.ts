import { isOpen } from './breaker'
import { type EndpointHealth, isUnstable, NO_OUTAGE, STABLE_AFTER_MS, untilStable } from './endpoint-health'
import { type Learned, later, SLOW_NEWS_MS } from './learned-health'
import { AT_ONCE, getsCalls, type Pace } from './pace'
import { afterFailure, afterSuccess, named, OPEN_AFTER } from './waiting'

/**
 * Adds what an order has learned to health that others have changed since the order read it. While the breaker is open,
 * only a probe or a manual retry can close it, and late failures no longer count. `webhooks/endpoints/health/save.ts`
 * has the same rule in SQL, because it must be one statement. Tests compare the two; the Worker runs only the statement.
 * @param row what the table contains @param pace that of the row
 */
export function merge(row: EndpointHealth, own: Learned, now: number, pace: Pace = AT_ONCE): EndpointHealth {
  const slow_until = isNews(row, own) ? own.health.slow_until : row.slow_until
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

function isNews(row: EndpointHealth, own: Learned): boolean {
  return (own.health.slow_until ?? 0) - (row.slow_until ?? 0) >= SLOW_NEWS_MS
}
