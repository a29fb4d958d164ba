import { describe, expect, it } from 'vitest'
import { CLOSED } from '../../../../src/webhooks/rules/delivering/breaker'
import { HEALTHY, type HealthFacts, healthAfter } from '../../../../src/webhooks/rules/delivering/endpoint-health'
import {
  AT_ONCE,
  firstCall,
  intervalFor,
  isPaced,
  nextCall,
  nextDigest,
  type Pace,
  paceOf,
} from '../../../../src/webhooks/rules/delivering/pace'
import { RETRY_DELAYS_MS } from '../../../../src/webhooks/rules/delivering/retry-schedule'
import {
  afterClock,
  afterFailure,
  afterNewPace,
  afterSuccess,
  isBetweenCalls,
  OPEN_AFTER,
} from '../../../../src/webhooks/rules/delivering/waiting'

const NOW = Date.UTC(2026, 10, 24, 10)
const MINUTE = 60_000
const HOUR = 60 * MINUTE
const HOOK: Pace = { kind: 'every', minutes: 5 }
const DIGEST: Pace = { kind: 'daily', hour: 12 }

const SUCCESS: HealthFacts = {
  outcome: 'delivered',
  error_class: null,
  status_code: 200,
  retry_after_ms: null,
  duration_ms: 100,
}
const FAILURE: HealthFacts = { ...SUCCESS, outcome: 'refused', error_class: 'http_5xx', status_code: 500 }
const CALLING = { ...HEALTHY, breaker: 'draining', resume_at: NOW, probes: 0 } as const
const NAMED = { breaker: 'held', resume_at: NOW + 60 * MINUTE, probes: 1 } as const
const hook = { min_interval_minutes: 5 }

describe('the pace of an endpoint', () => {
  it.each([
    [null, null, AT_ONCE],
    [0, null, AT_ONCE],
    [1, null, { kind: 'every', minutes: 1 }],
    [1_440, 12, DIGEST],
  ])('with an interval of %s and the hour %s', (min_interval_minutes, digest_hour, pace) => {
    expect(paceOf({ min_interval_minutes, digest_hour })).toEqual(pace)
    expect(isPaced({ min_interval_minutes })).toBe(pace !== AT_ONCE)
  })

  it('has an interval only if it is a build hook', () => {
    expect([intervalFor('build-hook', undefined), intervalFor('build-hook', 0), intervalFor('slack', 7)]).toEqual([
      5,
      0,
      null,
    ])
  })

  it('says when the first and the next call are due', () => {
    expect([AT_ONCE, HOOK, DIGEST].map((pace) => nextCall(pace, NOW))).toEqual([null, NOW + 5 * MINUTE, NOW + 2 * HOUR])
    expect([HOOK, DIGEST].map((pace) => firstCall(pace, NOW))).toEqual([NOW, NOW + 2 * HOUR])
    expect(nextDigest(10, NOW)).toBe(NOW + 24 * HOUR)
  })
})

describe('an endpoint that gets calls', () => {
  it.each([
    ['closed', { ...HEALTHY, ...CLOSED }],
    ['draining', CALLING],
    ['probing', { ...HEALTHY, breaker: 'probing', resume_at: NOW, probes: 3, consecutive_failures: 8 } as const],
  ])('waits for the next one after a success, if its breaker was %s', (_, before) => {
    const { health } = healthAfter(before, SUCCESS, NOW, HOOK)
    expect(health).toEqual({ ...HEALTHY, breaker: 'held', resume_at: NOW + 5 * MINUTE })
    expect(isBetweenCalls({ ...health, ...hook })).toBe(true)
  })

  it('waits for longer if the receiver has named a time', () => {
    expect(afterSuccess(NAMED, HOOK, NOW)).toEqual(NAMED)
    expect(afterFailure(NAMED, 1, 0, HOOK, NOW)).toEqual(NAMED)
    expect(afterFailure(CLOSED, 1, 20 * MINUTE, HOOK, NOW)).toEqual({ ...NAMED, resume_at: NOW + 20 * MINUTE })
  })

  it('is called again after a failure when the schedule says, until the breaker opens', () => {
    let health = { ...HEALTHY, ...CALLING }
    const waits: number[] = []
    for (let i = 1; i < OPEN_AFTER; i++) {
      health = { ...healthAfter(health, FAILURE, NOW, HOOK).health } as typeof health
      waits.push((health.resume_at ?? 0) - NOW)
      expect(health.breaker).toBe('held')
      expect(isBetweenCalls({ ...health, ...hook })).toBe(false)
      health = { ...health, ...afterClock(health, HOOK, NOW, NOW + MINUTE).after } as typeof health
    }
    expect(waits).toEqual(RETRY_DELAYS_MS.slice(0, OPEN_AFTER - 1))
    expect(healthAfter(health, FAILURE, NOW, HOOK).health.breaker).toBe('open')
  })

  it('waits for the result of a call before the next one', () => {
    expect(afterClock(NAMED, HOOK, NOW, NOW + 4 * MINUTE)).toEqual({
      after: { breaker: 'draining', resume_at: NOW + 4 * MINUTE, probes: 1 },
      release: 'drain',
      from: 'newest',
    })
  })
})

describe('a new pace', () => {
  const waiting = { breaker: 'held', resume_at: NOW + HOUR, probes: 0 } as const

  it.each([
    ['at once: what waits is sent', HOOK, AT_ONCE, { breaker: 'draining', resume_at: NOW, probes: 0 }],
    [
      'another interval: the next call does not wait',
      HOOK,
      { kind: 'every', minutes: 60 },
      { ...waiting, resume_at: NOW },
    ],
    ['a digest: it waits for its hour', HOOK, DIGEST, { ...waiting, resume_at: NOW + 2 * HOUR }],
  ] as const)('%s', (_, former, pace, expected) => {
    expect(afterNewPace(waiting, former, 0, pace, NOW)).toEqual(expected)
  })

  it('leaves the result of a call that is under way to decide, and a time that the receiver named', () => {
    for (const before of [CALLING, NAMED]) {
      const { breaker, resume_at, probes } = before
      expect(afterNewPace(before, HOOK, 0, DIGEST, NOW)).toEqual({ breaker, resume_at, probes })
    }
  })

  it('makes what drains at once wait for the hour of a digest', () => {
    const draining = { breaker: 'draining', resume_at: NOW, probes: 0 } as const
    expect(afterNewPace(draining, AT_ONCE, 0, DIGEST, NOW)).toEqual({ ...waiting, resume_at: NOW + 2 * HOUR })
  })

  it('keeps the time of a failed call, unless the endpoint gets no calls any more', () => {
    expect(afterNewPace(waiting, HOOK, 1, DIGEST, NOW)).toEqual(waiting)
    expect(afterNewPace(waiting, HOOK, 1, AT_ONCE, NOW)).toEqual({ breaker: 'draining', resume_at: NOW, probes: 0 })
  })
})
