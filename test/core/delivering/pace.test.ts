import { describe, expect, it } from 'vitest'
import { CLOSED, drain, OPEN_AFTER, wake } from '../../../src/webhooks/rules/delivering/breaker'
import { afterAttempt, HEALTHY, type HealthFacts } from '../../../src/webhooks/rules/delivering/endpoint-health'
import { intervalFor, isPaced, isPausing, pause, retryLater } from '../../../src/webhooks/rules/delivering/pace'
import { RETRY_DELAYS_MS } from '../../../src/webhooks/rules/delivering/retry-schedule'

const NOW = Date.UTC(2026, 10, 24, 10)
const MINUTE = 60_000
const INTERVAL = 5

const SUCCESS: HealthFacts = {
  outcome: 'delivered',
  error_class: null,
  status_code: 200,
  retry_after_ms: null,
  duration_ms: 100,
}
const FAILURE: HealthFacts = { ...SUCCESS, outcome: 'refused', error_class: 'http_5xx', status_code: 500 }
const CALLING = { ...HEALTHY, ...drain(NOW) }
const HELD = { breaker: 'held', resume_at: NOW + 60 * MINUTE, probes: 1 } as const

describe('a paced endpoint', () => {
  it.each([
    [null, false],
    [0, false],
    [1, true],
  ])('has a positive interval (here %s)', (min_interval_minutes, expected) => {
    expect(isPaced({ min_interval_minutes })).toBe(expected)
  })

  it('is a build hook', () => {
    expect([intervalFor('build-hook', undefined), intervalFor('build-hook', 0), intervalFor('slack', 7)]).toEqual([
      5,
      0,
      null,
    ])
  })

  it.each([
    ['closed', { ...HEALTHY, ...CLOSED }],
    ['draining', CALLING],
    ['probing', { ...HEALTHY, breaker: 'probing', resume_at: NOW, probes: 3, consecutive_failures: 8 } as const],
  ])('is held for the interval after a success, if its breaker was %s', (_, before) => {
    const { health } = afterAttempt(before, SUCCESS, NOW, INTERVAL)
    expect(health).toEqual({ ...HEALTHY, breaker: 'held', resume_at: NOW + INTERVAL * MINUTE })
    expect(isPausing({ ...health, min_interval_minutes: INTERVAL })).toBe(true)
  })

  it('is held for longer if the receiver has asked for that', () => {
    expect(pause(HELD, INTERVAL, NOW).resume_at).toBe(HELD.resume_at)
    expect(retryLater(HELD, 1, 0, NOW).resume_at).toBe(HELD.resume_at)
    expect(retryLater(CLOSED, 1, 20 * MINUTE, NOW).resume_at).toBe(NOW + 20 * MINUTE)
  })

  it('is held after a failure for as long as the schedule says, until the breaker opens', () => {
    let health = CALLING
    const waits: number[] = []
    for (let i = 1; i < OPEN_AFTER; i++) {
      health = { ...afterAttempt(health, FAILURE, NOW, INTERVAL).health }
      waits.push((health.resume_at ?? 0) - NOW)
      expect(health.breaker).toBe('held')
      expect(isPausing({ ...health, min_interval_minutes: INTERVAL })).toBe(false)
      health = { ...health, ...wake(health, NOW, NOW + MINUTE, true).after } as typeof CALLING
    }
    expect(waits).toEqual(RETRY_DELAYS_MS.slice(0, OPEN_AFTER - 1))
    expect(afterAttempt(health, FAILURE, NOW, INTERVAL).health.breaker).toBe('open')
  })

  it('waits for the result of a call before the next one', () => {
    const { after, release } = wake(HELD, NOW, NOW + 4 * MINUTE, true)
    expect({ ...after, release }).toEqual({
      breaker: 'draining',
      resume_at: NOW + 4 * MINUTE,
      probes: 1,
      release: 'drain',
    })
  })
})
