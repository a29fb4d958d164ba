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
} from '../../../src/core/delivering/breaker'

const NOW = Date.UTC(2026, 10, 24, 10, 0, 0)
const MINUTE = 60_000
const HOUR = 60 * MINUTE
const LEASE = NOW + 3 * MINUTE

const OPEN: Breaker = { state: 'open', resume_at: NOW + MINUTE, probes: 0 }
const probing = (probes: number): Breaker => ({ state: 'probing', resume_at: LEASE, probes })
const HELD: Breaker = { state: 'held', resume_at: NOW + HOUR, probes: 1 }
const DRAINING: Breaker = { state: 'draining', resume_at: NOW + MINUTE, probes: 0 }

describe('what may pass', () => {
  it.each([
    ['closed', true, true, true, true],
    ['open', false, true, false, true],
    ['probing', false, true, false, true],
    ['held', false, true, false, true],
    ['draining', false, true, true, true],
  ] as const)('%s: first %s, probe %s, page %s, by hand %s', (state, first, probe, page, hand) => {
    expect(mayPass(state, undefined)).toBe(first)
    expect(mayPass(state, 'probe')).toBe(probe)
    expect(mayPass(state, 'drain')).toBe(page)
    expect(mayPass(state, 'manual')).toBe(hand)
  })

  it('is decided for every state', () => {
    expect(BREAKER_STATES).toEqual(['closed', 'open', 'probing', 'held', 'draining'])
  })
})

describe('opening', () => {
  it.each([CLOSED, DRAINING])('asks for a probe in a minute', (before) => {
    expect(open(before, 0, NOW)).toEqual({ state: 'open', resume_at: NOW + MINUTE, probes: 0 })
  })

  it('waits twice as long after each probe in vain, up to an hour', () => {
    let breaker = open(CLOSED, 0, NOW)
    const waits = [(breaker.resume_at ?? 0) - NOW]
    for (let i = 0; i < 8; i++) {
      breaker = open(wake(breaker, NOW, LEASE).breaker, 0, NOW)
      waits.push((breaker.resume_at ?? 0) - NOW)
    }
    expect(waits.map((wait) => wait / MINUTE)).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60])
  })

  it('gives all the patience that was asked for, and never less than its own', () => {
    expect(open(CLOSED, HOUR, NOW).resume_at).toBe(NOW + HOUR)
    expect(open(CLOSED, 1_000, NOW).resume_at).toBe(NOW + MINUTE)
    expect(open(HELD, 0, NOW).resume_at).toBe(HELD.resume_at)
  })

  it('is not done again by a failure that comes late, unless that asks for more patience', () => {
    expect(open(OPEN, 0, NOW + 30_000)).toEqual(OPEN)
    expect(open(OPEN, HOUR, NOW)).toEqual({ ...OPEN, resume_at: NOW + HOUR })
  })
})

describe('holding', () => {
  it.each([CLOSED, DRAINING, probing(3)])('parks for as long as was asked', (before) => {
    expect(hold(before, 5_000, NOW)).toEqual({
      state: 'held',
      resume_at: NOW + 5_000,
      probes: before.probes + 1,
    })
  })

  it.each([HELD, OPEN])('is lengthened, never shortened, by another request', (before) => {
    expect(hold(before, 1_000, NOW)).toEqual(before)
    expect(hold(before, 2 * HOUR, NOW)).toEqual({ ...before, resume_at: NOW + 2 * HOUR })
  })

  it('ends in a page of what was parked', () => {
    expect(wake(HELD, NOW, LEASE)).toEqual({
      breaker: { state: 'draining', resume_at: NOW + PAGE_EVERY_MS, probes: 1 },
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
  ])('after %i in a row that asks for %s ms holds for %i', (probes, hint, wait) => {
    expect(throttleMs({ ...HELD, probes }, hint)).toBe(wait)
  })
})

describe('a success', () => {
  it.each([OPEN, probing(4)])('of one that was given up on lets go what was parked', (before) => {
    expect(close(before, NOW)).toEqual(drain(NOW))
    expect(drain(NOW)).toEqual({ state: 'draining', resume_at: NOW, probes: 0 })
  })

  it.each([CLOSED, HELD, DRAINING])('does not cut short what was agreed', (before) => {
    expect(close(before, NOW)).toEqual({ ...before, probes: 0 })
  })
})

describe('waking', () => {
  it.each([OPEN, probing(0)])('sends one probe, under a lease', (before) => {
    expect(wake(before, NOW, LEASE)).toEqual({
      breaker: { state: 'probing', resume_at: LEASE, probes: 0 },
      release: 'probe',
      from: 'oldest',
    })
  })

  it('probes with the oldest, and after four in vain with the newest every other time', () => {
    const from = Array.from({ length: 9 }, (_, i) => wake(probing(i), NOW, LEASE).from)
    expect(from.map((one) => one[0]).join('')).toBe('oooononon')
  })

  it('lets a page go each minute while it drains', () => {
    const { breaker, release } = wake(DRAINING, NOW, LEASE)
    expect(release).toBe('drain')
    expect(breaker.resume_at).toBeGreaterThan(NOW + 45_000)
    expect(breaker.resume_at).toBeLessThan(NOW + MINUTE)
  })
})

it('waits a minute first', () => {
  expect(waitMs(0)).toBe(MINUTE)
  expect(waitMs(1_000)).toBe(HOUR)
})
