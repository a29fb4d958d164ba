import { close, isOpen, OPEN_AFTER, open } from '../../src/webhooks/rules/delivering/breaker'
import type { EndpointHealth } from '../../src/webhooks/rules/delivering/endpoint-health'
import { type Learned, later, SLOW_NEWS_MS } from '../../src/webhooks/rules/delivering/learned-health'

/**
 * Adds what an order has learned to health that others have changed since the order read it. While the breaker is open,
 * only a probe or a manual retry can close it, and late failures no longer count. `webhooks/endpoints/health/save.ts`
 * has the same rule in SQL, and tests compare the two.
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

function isNews(row: EndpointHealth, own: Learned): boolean {
  return (own.health.slow_until ?? 0) - (row.slow_until ?? 0) >= SLOW_NEWS_MS
}
