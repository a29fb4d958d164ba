import { describe, expect, it } from 'vitest'
import {
  BREAKER_STATES,
  type Breaker,
  CLOSED,
  close,
  drain,
  hold,
  mayPass,
  open,
  PAGE_EVERY_MS,
  throttleMs,
  waitMs,
  wake,
} from '../../../src/webhooks/rules/delivering/breaker'

const NOW = Date.UTC(2026, 10, 24, 10, 0, 0)
const MINUTE = 60_000
const HOUR = 60 * MINUTE
const LEASE = NOW + 3 * MINUTE

const OPEN: Breaker = { breaker: 'open', resume_at: NOW + MINUTE, probes: 0 }
const probing = (probes: number): Breaker => ({ breaker: 'probing', resume_at: LEASE, probes })
const HELD: Breaker = { breaker: 'held', resume_at: NOW + HOUR, probes: 1 }
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
    expect(open(before, 0, NOW)).toEqual({ breaker: 'open', resume_at: NOW + MINUTE, probes: 0 })
  })

  it('doubles the wait after each failed probe, up to an hour', () => {
    let breaker = open(CLOSED, 0, NOW)
    const waits = [(breaker.resume_at ?? 0) - NOW]
    for (let i = 0; i < 8; i++) {
      breaker = open(wake(breaker, NOW, LEASE).after, 0, NOW)
      waits.push((breaker.resume_at ?? 0) - NOW)
    }
    expect(waits.map((wait) => wait / MINUTE)).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60])
  })

  it('waits as long as Retry-After says, but never less than the schedule', () => {
    expect(open(CLOSED, HOUR, NOW).resume_at).toBe(NOW + HOUR)
    expect(open(CLOSED, 1_000, NOW).resume_at).toBe(NOW + MINUTE)
    expect(open(HELD, 0, NOW).resume_at).toBe(HELD.resume_at)
  })

  it('when it is already open changes nothing, except for a longer Retry-After', () => {
    expect(open(OPEN, 0, NOW + 30_000)).toEqual(OPEN)
    expect(open(OPEN, HOUR, NOW)).toEqual({ ...OPEN, resume_at: NOW + HOUR })
  })
})

describe('holding an endpoint', () => {
  it.each([CLOSED, DRAINING, probing(3)])(
    'with a breaker that is $breaker parks deliveries for as long as Retry-After says',
    (before) => {
      expect(hold(before, 5_000, NOW)).toEqual({
        breaker: 'held',
        resume_at: NOW + 5_000,
        probes: before.probes + 1,
      })
    }
  )

  it.each([HELD, OPEN])('with a breaker that is $breaker only lengthens the wait', (before) => {
    expect(hold(before, 1_000, NOW)).toEqual(before)
    expect(hold(before, 2 * HOUR, NOW)).toEqual({ ...before, resume_at: NOW + 2 * HOUR })
  })

  it('ends with the first page of parked deliveries', () => {
    expect(wake(HELD, NOW, LEASE)).toEqual({
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
    expect(close(before, NOW)).toEqual(drain(NOW))
    expect(drain(NOW)).toEqual({ breaker: 'draining', resume_at: NOW, probes: 0 })
  })

  it.each([CLOSED, HELD, DRAINING])('with a breaker that is $breaker resets only the count of probes', (before) => {
    expect(close(before, NOW)).toEqual({ ...before, probes: 0 })
  })

  it('that a person asked for ends a pause, too', () => {
    expect(close(HELD, NOW, 'manual')).toEqual(drain(NOW))
    for (const before of [CLOSED, DRAINING]) expect(close(before, NOW, 'manual')).toEqual({ ...before, probes: 0 })
    for (const release of ['probe', 'drain'] as const) expect(close(HELD, NOW, release).breaker).toBe('held')
  })
})

describe('when resume_at is reached', () => {
  it.each([OPEN, probing(0)])('a breaker that is $breaker sends a probe under a lease', (before) => {
    expect(wake(before, NOW, LEASE)).toEqual({
      after: { breaker: 'probing', resume_at: LEASE, probes: 0 },
      release: 'probe',
      from: 'oldest',
    })
  })

  it('the probe is the oldest delivery, but after four failed probes every other one is the newest', () => {
    const from = Array.from({ length: 9 }, (_, i) => wake(probing(i), NOW, LEASE).from)
    expect(from.map((one) => one[0]).join('')).toBe('oooononon')
  })

  it('a breaker that is draining releases a page every minute', () => {
    const { after, release } = wake(DRAINING, NOW, LEASE)
    expect(release).toBe('drain')
    expect(after.resume_at).toBeGreaterThan(NOW + 45_000)
    expect(after.resume_at).toBeLessThan(NOW + MINUTE)
  })
})

it('the wait for a probe grows from one minute to at most one hour', () => {
  expect(waitMs(0)).toBe(MINUTE)
  expect(waitMs(1_000)).toBe(HOUR)
})
