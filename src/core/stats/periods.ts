import { DAY_MS, HOUR_MS } from '../lib/time'

/*
 * The periods for which figures are kept, and the ranges that are shown. All in UTC.
 */

const MINUTE_MS = 60_000

/** How long a period is, and for how long its figures are kept. The total is one period without an end. */
export const SPANS = {
  hour: { length_ms: HOUR_MS, kept_ms: 3 * DAY_MS },
  quarter: { length_ms: 6 * HOUR_MS, kept_ms: 10 * DAY_MS },
  day: { length_ms: DAY_MS, kept_ms: 60 * DAY_MS },
  total: { length_ms: Number.POSITIVE_INFINITY, kept_ms: Number.POSITIVE_INFINITY },
} as const
export type Span = keyof typeof SPANS
export const SPAN_NAMES = Object.keys(SPANS) as Span[]

/** The ranges that are shown, each with the span and the number of its periods. */
export const RANGES = {
  '24h': { span: 'hour', count: 24 },
  '7d': { span: 'quarter', count: 28 },
  '30d': { span: 'day', count: 30 },
} as const satisfies Record<string, { span: Span; count: number }>
export type Range = keyof typeof RANGES
export const RANGE_NAMES = Object.keys(RANGES) as [Range, ...Range[]]

/** @returns when the period of this time started, in epoch milliseconds */
export function startOf(span: Span, time: number): number {
  return span === 'total' ? 0 : Math.floor(time / SPANS[span].length_ms) * SPANS[span].length_ms
}

/** @returns the starts of the periods of a range, the last of which contains `now` */
export function periodsOf(range: Range, now: number): number[] {
  const { span, count } = RANGES[range]
  const last = startOf(span, now)
  return Array.from({ length: count }, (_, i) => last - (count - 1 - i) * SPANS[span].length_ms)
}

/** Figures are counted in steps of this length, or up to an hour after the sweep did not run for a while. */
export const STEP_MS = 5 * MINUTE_MS
/**
 * How long a step waits until it is counted. By then, the attempts that started in it have been written: an attempt
 * takes at most 15 seconds, and its result is written at once. Accepted race: a later result is not counted.
 */
export const LAG_MS = 3 * MINUTE_MS

/**
 * Returns the end of the next step, or null if it is too early to count it. A step does not cross the end of an hour.
 * @param from the end of the previous step, in epoch milliseconds
 */
export function nextStep(from: number, now: number): number | null {
  const latest = Math.floor((now - LAG_MS) / STEP_MS) * STEP_MS
  const end = Math.min(startOf('hour', from) + HOUR_MS, latest)
  return end > from ? end : null
}

/** @returns whether a sweep at this time is the first one, within a minute, that can count another step */
export function isTurnToCount(now: number): boolean {
  return Math.floor((now - LAG_MS) / MINUTE_MS) % (STEP_MS / MINUTE_MS) === 0
}

/** Normally everything is counted until at most 8 minutes ago. After this, some sweeps did not count. */
const BEHIND_MS = 20 * MINUTE_MS

/**
 * Returns whether the figures of today are not complete yet: after an upgrade, the sweep first counts up to 30 days.
 * @param counted_to null before the first count
 */
export function isBehind(counted_to: number | null, now: number): boolean {
  return counted_to === null || now - counted_to > BEHIND_MS
}
