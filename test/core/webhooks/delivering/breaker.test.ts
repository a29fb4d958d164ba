import { describe, expect, it } from 'vitest'
import { BREAKER_STATES, type Breaker, CLOSED, mayPass } from '../../../../src/webhooks/rules/delivering/breaker'
import { AT_ONCE } from '../../../../src/webhooks/rules/delivering/pace'
import {
  afterClock,
  afterSuccess,
  named,
  opened,
  PAGE_EVERY_MS,
  throttleMs,
  waitMs,
} from '../../../../src/webhooks/rules/delivering/waiting'

const NOW = Date.UTC(2026, 10, 24, 10, 0, 0)
const MINUTE = 60_000
const HOUR = 60 * MINUTE
const LEASE = NOW + 3 * MINUTE

const OPEN: Breaker = { breaker: 'open', resume_at: NOW + MINUTE, probes: 0 }
const probing = (probes: number): Breaker => ({ breaker: 'probing', resume_at: LEASE, probes })
const HELD: Breaker = { breaker: 'held', resume_at: NOW + HOUR, probes: 1 }
const DRAIN: Breaker = { breaker: 'draining', resume_at: NOW, probes: 0 }
const DRAINING: Breaker = { breaker: 'draining', resume_at: NOW + MINUTE, probes: 0 }

describe('a breaker', () => {
  const releases = [undefined, 'probe', 'drain', 'manual'] as const

  it.each([
    ['closed', 'every delivery', [undefined, 'probe', 'drain', 'manual']],
    ['open', 'only probes and manual retries', ['probe', 'manual']],
    ['probing', 'only probes and manual retries', ['probe', 'manual']],
    ['held', 'only probes and manual retries', ['probe', 'manual']],
    ['draining', 'only released deliveries', ['probe', 'drain', 'manual']],
  ] as const)('that is %s lets %s through', (state, _, passing) => {
    expect(releases.filter((release) => mayPass(state, release))).toEqual(passing)
  })

  it('is closed, open, probing, held or draining', () => {
    expect(BREAKER_STATES).toEqual(['closed', 'open', 'probing', 'held', 'draining'])
  })
})

describe('opening the breaker', () => {
  it.each([CLOSED, DRAINING])('when it is $breaker schedules a probe in one minute', (before) => {
    expect(opened(before, 0, NOW)).toEqual({ breaker: 'open', resume_at: NOW + MINUTE, probes: 0 })
  })

  it('doubles the wait after each failed probe, up to an hour', () => {
    let breaker = opened(CLOSED, 0, NOW)
    const waits = [(breaker.resume_at ?? 0) - NOW]
    for (let i = 0; i < 8; i++) {
      breaker = opened(afterClock(breaker, AT_ONCE, NOW, LEASE).after, 0, NOW)
      waits.push((breaker.resume_at ?? 0) - NOW)
    }
    expect(waits.map((wait) => wait / MINUTE)).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60])
  })

  it('waits as long as Retry-After says, but never less than the schedule', () => {
    expect(opened(CLOSED, HOUR, NOW).resume_at).toBe(NOW + HOUR)
    expect(opened(CLOSED, 1_000, NOW).resume_at).toBe(NOW + MINUTE)
    expect(opened(HELD, 0, NOW).resume_at).toBe(HELD.resume_at)
  })

  it('when it is already open changes nothing, except for a longer Retry-After', () => {
    expect(opened(OPEN, 0, NOW + 30_000)).toEqual(OPEN)
    expect(opened(OPEN, HOUR, NOW)).toEqual({ ...OPEN, resume_at: NOW + HOUR })
  })
})

describe('holding an endpoint', () => {
  it.each([CLOSED, DRAINING, probing(3)])(
    'with a breaker that is $breaker parks deliveries for as long as Retry-After says',
    (before) => {
      expect(named(before, 5_000, NOW)).toEqual({
        breaker: 'held',
        resume_at: NOW + 5_000,
        probes: before.probes + 1,
      })
    }
  )

  it.each([HELD, OPEN])('with a breaker that is $breaker only lengthens the wait', (before) => {
    expect(named(before, 1_000, NOW)).toEqual(before)
    expect(named(before, 2 * HOUR, NOW)).toEqual({ ...before, resume_at: NOW + 2 * HOUR })
  })

  it('ends with the first page of parked deliveries', () => {
    expect(afterClock(HELD, AT_ONCE, NOW, LEASE)).toEqual({
      after: { breaker: 'draining', resume_at: NOW + PAGE_EVERY_MS, probes: 1 },
      release: 'drain',
      from: 'oldest',
    })
  })
})

describe('a 429', () => {
  it.each([
    [0, null, MINUTE],
    [0, 0, MINUTE],
    [3, null, 8 * MINUTE],
    [9, null, HOUR],
    [0, 1_000, 1_000],
    [9, 1_000, 1_000],
    [10, 1_000, MINUTE],
    [13, 1_000, 8 * MINUTE],
    [13, 2 * HOUR, 2 * HOUR],
  ])('after %i others, with a Retry-After of %s ms, holds the endpoint for %i ms', (probes, retry_after_ms, wait) => {
    expect(throttleMs({ ...HELD, probes }, retry_after_ms)).toBe(wait)
  })
})

describe('a success', () => {
  it.each([OPEN, probing(4)])('with a breaker that is $breaker starts to drain parked deliveries', (before) => {
    expect(afterSuccess(before, AT_ONCE, NOW)).toEqual(DRAIN)
  })

  it.each([CLOSED, HELD, DRAINING])('with a breaker that is $breaker resets only the count of probes', (before) => {
    expect(afterSuccess(before, AT_ONCE, NOW)).toEqual({ ...before, probes: 0 })
  })

  it('that a person asked for ends a pause, too', () => {
    expect(afterSuccess(HELD, AT_ONCE, NOW, 'manual')).toEqual(DRAIN)
    for (const before of [CLOSED, DRAINING])
      expect(afterSuccess(before, AT_ONCE, NOW, 'manual')).toEqual({ ...before, probes: 0 })
    for (const release of ['probe', 'drain'] as const)
      expect(afterSuccess(HELD, AT_ONCE, NOW, release).breaker).toBe('held')
  })
})

describe('when resume_at is reached', () => {
  it.each([OPEN, probing(0)])('a breaker that is $breaker sends a probe under a lease', (before) => {
    expect(afterClock(before, AT_ONCE, NOW, LEASE)).toEqual({
      after: { breaker: 'probing', resume_at: LEASE, probes: 0 },
      release: 'probe',
      from: 'oldest',
    })
  })

  it('the probe is the oldest delivery, but after four failed probes every other one is the newest', () => {
    const from = Array.from({ length: 9 }, (_, i) => afterClock(probing(i), AT_ONCE, NOW, LEASE).from)
    expect(from.map((one) => one[0]).join('')).toBe('oooononon')
  })

  it('a breaker that is draining releases a page every minute', () => {
    const { after, release } = afterClock(DRAINING, AT_ONCE, NOW, LEASE)
    expect(release).toBe('drain')
    expect(after.resume_at).toBeGreaterThan(NOW + 45_000)
    expect(after.resume_at).toBeLessThan(NOW + MINUTE)
  })
})

it('the wait for a probe grows from one minute to at most one hour', () => {
  expect(waitMs(0)).toBe(MINUTE)
  expect(waitMs(1_000)).toBe(HOUR)
})
