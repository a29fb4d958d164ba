import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import {
  MAX_RETRY_AFTER_MS,
  MAX_STEPS,
  parseRetryAfterMs,
  RETRY_DELAYS_MS,
  retryDelayMs,
  throttledDelayMs,
} from '../../../src/core/delivering/retry-schedule'
import { anyText } from '../../support/arbitraries'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const NOW = Date.UTC(2026, 10, 24, 10, 0, 0)

const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
const step = fc.integer({ min: 1, max: RETRY_DELAYS_MS.length })

describe('the schedule', () => {
  it('makes ten attempts in a little over three days', () => {
    expect(MAX_STEPS).toBe(10)
    const total = RETRY_DELAYS_MS.reduce((sum, delay) => sum + delay, 0)
    expect(total / DAY).toBeGreaterThan(3)
    expect(total / DAY).toBeLessThan(3.2)
  })

  it.each([
    [1, 5 * SECOND],
    [2, 5 * MINUTE],
    [3, 30 * MINUTE],
    [4, 2 * HOUR],
    [5, 5 * HOUR],
    [6, 10 * HOUR],
    [7, 14 * HOUR],
    [8, 20 * HOUR],
    [9, 24 * HOUR],
  ])('after step %i waits %i ms, and up to a fifth more', (used, delay) => {
    expect(retryDelayMs(used, 0)).toBe(delay)
    expect(retryDelayMs(used, 0.5)).toBe((delay * 11) / 10)
    expect(retryDelayMs(used, 1 - 2 ** -53)).toBe((delay * 6) / 5)
  })

  it('is never early, and at most a fifth late', () => {
    fc.assert(
      fc.property(step, random, (used, chance) => {
        const delay = retryDelayMs(used, chance) ?? Number.NaN
        const base = RETRY_DELAYS_MS[used - 1] ?? Number.NaN
        expect(delay).toBeGreaterThanOrEqual(base)
        expect(delay).toBeLessThanOrEqual((base * 6) / 5)
        expect(Number.isInteger(delay)).toBe(true)
      })
    )
  })

  it('waits longer with each step, whatever the chance', () => {
    const base = RETRY_DELAYS_MS
    fc.assert(
      fc.property(fc.integer({ min: 1, max: base.length - 1 }), random, (used, chance) => {
        expect(retryDelayMs(used, chance)).toBeLessThan(retryDelayMs(used + 1, chance) ?? 0)
      })
    )
  })

  it('is spent exactly after the last step', () => {
    for (let used = 1; used < MAX_STEPS; used++) expect(retryDelayMs(used, 0)).not.toBeNull()
    fc.assert(
      fc.property(fc.integer({ min: MAX_STEPS, max: 1_000 }), random, (used, chance) => {
        expect(retryDelayMs(used, chance)).toBeNull()
      })
    )
  })
})

describe('a throttled delivery without a hint', () => {
  it.each([
    [1, MINUTE],
    [2, 5 * MINUTE],
    [3, 30 * MINUTE],
    [4, 2 * HOUR],
    [8, 20 * HOUR],
    [9, DAY],
    [10, DAY],
    [1_000, DAY],
  ])('waits after %i requests %i ms, and up to a fifth more', (requests, delay) => {
    expect(throttledDelayMs(requests, 0)).toBe(delay)
    expect(throttledDelayMs(requests, 1 - 2 ** -53)).toBe((delay * 6) / 5)
  })

  it('waits at least a minute and never gives up', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000_000 }), random, (requests, chance) => {
        const delay = throttledDelayMs(requests, chance)
        expect(delay).toBeGreaterThanOrEqual(MINUTE)
        expect(delay).toBeLessThanOrEqual((DAY * 6) / 5)
      })
    )
  })
})

describe('Retry-After in seconds', () => {
  it.each([
    ['0', 0],
    ['1', SECOND],
    ['120', 2 * MINUTE],
    ['007', 7 * SECOND],
    [' 30 ', 30 * SECOND],
    ['86400', DAY],
    ['86401', DAY],
    ['999999999999', DAY],
  ])('%j means %i ms', (text, delay) => {
    expect(parseRetryAfterMs(text, NOW)).toBe(delay)
  })

  it('counts in full up to a day', () => {
    fc.assert(
      fc.property(fc.nat(1_000_000), (seconds) => {
        const delay = Math.min(seconds * SECOND, MAX_RETRY_AFTER_MS)
        expect(parseRetryAfterMs(String(seconds), NOW)).toBe(delay)
      })
    )
    expect(MAX_RETRY_AFTER_MS).toBe(DAY)
  })
})

describe('Retry-After as a date', () => {
  const zone = process.env.TZ
  afterEach(() => {
    if (zone === undefined) delete process.env.TZ
    else process.env.TZ = zone
  })

  const dates: [text: string, delay: number][] = [
    ['Tue, 24 Nov 2026 11:00:00 GMT', HOUR],
    ['Tuesday, 24-Nov-26 11:00:00 GMT', HOUR],
    ['Tue Nov 24 11:00:00 2026', HOUR],
    ['Tue Nov 24 10:00:01 2026', SECOND],
    [' Tue, 24 Nov 2026 11:00:00 GMT ', HOUR],
    ['Wed, 25 Nov 2026 10:00:00 GMT', DAY],
    ['Wed, 25 Nov 2026 10:00:01 GMT', DAY],
    ['Fri, 31 Dec 9999 23:59:59 GMT', DAY],
    ['Tue, 24 Nov 2026 10:00:00 GMT', 0],
    ['Tue, 24 Nov 2026 09:59:59 GMT', 0],
    ['Sun, 06 Nov 1994 08:49:37 GMT', 0],
    ['Sunday, 06-Nov-94 08:49:37 GMT', 0],
    ['Sun Nov  6 08:49:37 1994', 0],
  ]

  it.each(dates)('%j means %i ms', (text, delay) => {
    expect(parseRetryAfterMs(text, NOW)).toBe(delay)
  })

  it.each([
    ['America/New_York', 5 * 60],
    ['Asia/Kolkata', -5.5 * 60],
  ])('means the same where clocks show %s time', (name, offset) => {
    process.env.TZ = name
    expect(new Date(NOW).getTimezoneOffset()).toBe(offset)
    for (const [text, delay] of dates) expect(parseRetryAfterMs(text, NOW)).toBe(delay)
  })

  it('is read as another implementation writes it', () => {
    fc.assert(
      fc.property(fc.nat(100_000), (seconds) => {
        const date = new Date(NOW + seconds * SECOND).toUTCString()
        expect(parseRetryAfterMs(date, NOW)).toBe(Math.min(seconds * SECOND, DAY))
      })
    )
  })
})

describe('a Retry-After that says nothing usable', () => {
  it.each([
    null,
    '',
    ' ',
    'soon',
    '-1',
    '+5',
    '1.5',
    '5s',
    '5 minutes',
    '1e3',
    '0x10',
    '１０',
    '10, 20',
    'NaN',
    'Infinity',
    '2026-11',
    '2026-11-24',
    '2026-11-24T11:00:00Z',
    '24 Nov 2026 11:00:00 GMT',
    'Nov 24 2026',
    'Tue',
    'Tue, ',
    'Tue, 1',
    'Mon, in 5 minutes',
    'Tuesday 24',
    'Tue, 24 Nov 2026',
    'Tue, 24 Nov 2026 11:00:00',
    'Tue, 24 Nov 2026 11:00:00 +0100',
    'Tue, 24 Nov 2026 11:00:00 EST',
    'Tue, 24 Nov 2026 25:00:00 GMT',
    'Tue, 99 Nov 2026 11:00:00 GMT',
    'Tue, 24 Abc 2026 11:00:00 GMT',
    'Tue, 24-Nov 2026 11:00:00 GMT',
    'Tue Nov 24 11:00:00 2026 PST',
    'Tue, 24 Nov 2026 11:00:00 GMT; Tue, 24 Nov 2026 12:00:00 GMT',
  ])('is ignored: %j', (text) => {
    expect(parseRetryAfterMs(text, NOW)).toBeNull()
  })

  it('or anything else never asks for less than nothing or more than a day', () => {
    const words = fc.constantFrom('Tue', ',', ' ', '24', 'Nov', '2026', '11:00:00', 'GMT', '-', '0')
    const nearDate = fc.array(words, { maxLength: 12 }).map((parts) => parts.join(''))
    fc.assert(
      fc.property(fc.oneof(anyText, nearDate), fc.integer(), (text, now) => {
        const delay = parseRetryAfterMs(text, now)
        if (delay === null) return
        expect(delay).toBeGreaterThanOrEqual(0)
        expect(delay).toBeLessThanOrEqual(DAY)
      }),
      { numRuns: 1_000 }
    )
  })
})
