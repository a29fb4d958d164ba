import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import {
  MAX_RETRY_AFTER_MS,
  MAX_STEPS,
  parseRetryAfterMs,
  RETRY_DELAYS_MS,
  retryDelayMs,
  throttledDelayMs,
} from '../../../../src/webhooks/rules/delivering/retry-schedule'
import { anyText } from '../../../support/arbitraries'

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
    [5 * SECOND, 1],
    [5 * MINUTE, 2],
    [30 * MINUTE, 3],
    [2 * HOUR, 4],
    [5 * HOUR, 5],
    [10 * HOUR, 6],
    [14 * HOUR, 7],
    [20 * HOUR, 8],
    [24 * HOUR, 9],
  ])('waits %i ms after step %i, and up to a fifth longer', (delay, used) => {
    expect(retryDelayMs(used, 0)).toBe(delay)
    expect(retryDelayMs(used, 0.5)).toBe((delay * 11) / 10)
    expect(retryDelayMs(used, 1 - 2 ** -53)).toBe((delay * 6) / 5)
  })

  it('never retries early, and at most a fifth late', () => {
    fc.assert(
      fc.property(step, random, (used, jitter) => {
        const delay = retryDelayMs(used, jitter) ?? Number.NaN
        const base = RETRY_DELAYS_MS[used - 1] ?? Number.NaN
        expect(delay).toBeGreaterThanOrEqual(base)
        expect(delay).toBeLessThanOrEqual((base * 6) / 5)
        expect(Number.isInteger(delay)).toBe(true)
      })
    )
  })

  it('waits longer with each step, whatever the jitter', () => {
    const base = RETRY_DELAYS_MS
    fc.assert(
      fc.property(fc.integer({ min: 1, max: base.length - 1 }), random, (used, jitter) => {
        expect(retryDelayMs(used, jitter)).toBeLessThan(retryDelayMs(used + 1, jitter) ?? 0)
      })
    )
  })

  it('ends after the tenth step, and not before', () => {
    const steps = Array.from({ length: 10 }, (_, i) => i + 1)
    expect(steps.filter((used) => retryDelayMs(used, 0) === null)).toEqual([10])
    fc.assert(
      fc.property(fc.integer({ min: MAX_STEPS, max: 1_000 }), random, (used, jitter) => {
        expect(retryDelayMs(used, jitter)).toBeNull()
      })
    )
  })
})

describe('a throttled delivery without Retry-After', () => {
  it.each([
    [MINUTE, 1],
    [5 * MINUTE, 2],
    [30 * MINUTE, 3],
    [2 * HOUR, 4],
    [20 * HOUR, 8],
    [DAY, 9],
    [DAY, 10],
    [DAY, 1_000],
  ])('waits %i ms after request %i, and up to a fifth longer', (delay, requests) => {
    expect(throttledDelayMs(requests, 0)).toBe(delay)
    expect(throttledDelayMs(requests, 1 - 2 ** -53)).toBe((delay * 6) / 5)
  })

  it('waits between a minute and a little over a day, after any number of requests', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000_000 }), random, (requests, jitter) => {
        const delay = throttledDelayMs(requests, jitter)
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
  ])('of %j means %i ms', (text, delay) => {
    expect(parseRetryAfterMs(text, NOW)).toBe(delay)
  })

  it('is limited to a day', () => {
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

  it.each(dates)('of %j means %i ms from now', (text, delay) => {
    expect(parseRetryAfterMs(text, NOW)).toBe(delay)
  })

  it.each([
    ['America/New_York', 5 * 60],
    ['Asia/Kolkata', -5.5 * 60],
  ])('means the same in the time zone %s', (name, offset) => {
    process.env.TZ = name
    expect(new Date(NOW).getTimezoneOffset()).toBe(offset)
    const parsed = dates.map(([text]) => [text, parseRetryAfterMs(text, NOW)])
    expect(parsed).toEqual(dates)
  })

  it('can be written with toUTCString', () => {
    fc.assert(
      fc.property(fc.nat(100_000), (seconds) => {
        const date = new Date(NOW + seconds * SECOND).toUTCString()
        expect(parseRetryAfterMs(date, NOW)).toBe(Math.min(seconds * SECOND, DAY))
      })
    )
  })
})

describe('an invalid Retry-After', () => {
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
  ])('such as %j is ignored', (text) => {
    expect(parseRetryAfterMs(text, NOW)).toBeNull()
  })
})

describe('any Retry-After', () => {
  it('is ignored, or means a wait of at most a day', () => {
    const words = fc.constantFrom('Tue', ',', ' ', '24', 'Nov', '2026', '11:00:00', 'GMT', '-', '0')
    const nearDate = fc.array(words, { maxLength: 12 }).map((parts) => parts.join(''))
    fc.assert(
      fc.property(fc.oneof(anyText, nearDate), fc.integer(), (text, now) => {
        const delay = parseRetryAfterMs(text, now)
        expect(delay ?? 0).toBeGreaterThanOrEqual(0)
        expect(delay ?? 0).toBeLessThanOrEqual(DAY)
      }),
      { numRuns: 1_000 }
    )
  })
})
