import { DAY_MS, HOUR_MS, MINUTE_MS, spanOf } from '../../../kit/lib/time'

/* The periods for which figures are kept, and the ranges that are shown. All in UTC. */

/** How long a period is, and for how long its figures are kept. The total is one period without an end. */
export const COUNTED_SPANS = {
  hour: { length_ms: HOUR_MS, kept_ms: 3 * DAY_MS },
  quarter: { length_ms: 6 * HOUR_MS, kept_ms: 10 * DAY_MS },
  day: { length_ms: DAY_MS, kept_ms: 60 * DAY_MS },
  total: { length_ms: Number.POSITIVE_INFINITY, kept_ms: Number.POSITIVE_INFINITY },
} as const
export type Span = keyof typeof COUNTED_SPANS
export const SPAN_NAMES = Object.keys(COUNTED_SPANS) as Span[]

/** The ranges that are shown, each with the span and the number of its periods. */
export const CHART_RANGES = {
  '24h': { span: 'hour', count: 24 },
  '7d': { span: 'quarter', count: 28 },
  '30d': { span: 'day', count: 30 },
} as const satisfies Record<string, { span: Span; count: number }>
export type ChartRange = keyof typeof CHART_RANGES
export const RANGE_NAMES = Object.keys(CHART_RANGES) as [ChartRange, ...ChartRange[]]

/** @returns the length of a range, for people: `24 hours`, `7 days` */
export function rangeInWords(range: ChartRange): string {
  const { span, count } = CHART_RANGES[range]
  return span === 'hour' ? `${count} hours` : spanOf(count * COUNTED_SPANS[span].length_ms)
}
/** All of them, for a sentence. */
export const RANGES_IN_WORDS = RANGE_NAMES.map(rangeInWords)
  .join(', ')
  .replace(/, (?!.*,)/, ' or ')

/** @returns when the period of this time started, in epoch milliseconds */
export function startOf(span: Span, time: number): number {
  return span === 'total' ? 0 : Math.floor(time / COUNTED_SPANS[span].length_ms) * COUNTED_SPANS[span].length_ms
}

/** @returns the starts of the periods of a range, the last of which contains `now` */
export function periodsOf(range: ChartRange, now: number): number[] {
  const { span, count } = CHART_RANGES[range]
  const last = startOf(span, now)
  return Array.from({ length: count }, (_, i) => last - (count - 1 - i) * COUNTED_SPANS[span].length_ms)
}

/** Figures are counted in steps of this length, or up to an hour after the sweep did not run for a while. */
export const STEP_MS = 5 * MINUTE_MS
/**
 * How long a step waits until it is counted. By then, the attempts that started in it have been written: an attempt
 * takes at most 15 seconds, and its result is written at once. Accepted race: a later result is not counted.
 */
export const LAG_MS = 3 * MINUTE_MS

/** How far everything has been counted. All times are in epoch milliseconds. */
export interface CountingProgress {
  counted_to: number
  /** Older hours that are counted after the newest ones, latest first; null if there are none. */
  gap: Gap | null
}

/** `older`: what was left out before that, and is not counted yet either. */
type Gap = { from: number; to: number; older?: Gap | null }

/** A step to count, and how far everything has been counted after it. */
export interface CountingStep extends CountingProgress {
  from: number
  to: number
}

/**
 * Returns the next step, or null if it is too early to count it. The newest hours come first. Otherwise, after an
 * import or a time without sweeps, the charts would stay empty until older hours are counted. A new step ends with its
 * hour, and an older one with the shortest period for which figures are still kept.
 * @param prefersGap whether older hours come first. A sweep may have time for one step only, so they take turns
 */
export function nextStep(at: CountingProgress, now: number, prefersGap: boolean): CountingStep | null {
  const latest = Math.floor((now - LAG_MS) / STEP_MS) * STEP_MS
  const { counted_to, gap } = leap(at, startOf('hour', latest))
  const end = Math.min(startOf('hour', counted_to) + HOUR_MS, latest)
  const older = gap && olderStep(counted_to, gap, now)
  if (older && prefersGap && at.gap) return older
  return end > counted_to ? { from: counted_to, to: end, counted_to: end, gap } : older
}

function olderStep(counted_to: number, gap: Gap, now: number): CountingStep {
  const span = keptSpans(gap.to, now)[0] ?? 'day'
  const from = Math.max(gap.from, startOf(span, gap.to - 1))
  return { from, to: gap.to, counted_to, gap: from > gap.from ? { ...gap, to: from } : (gap.older ?? null) }
}

/** @returns the spans, the shortest first, whose figures are still kept for what happened before this time */
export function keptSpans(before: number, now: number): Span[] {
  return SPAN_NAMES.filter((span) => span !== 'total' && now - before < COUNTED_SPANS[span].kept_ms)
}

/** More often, the sweep hardly runs. Then the newer hours are counted one after another. */
const MAX_GAPS = 20

/** Leaves out whole hours. Some may be left out already, if the sweep has not run since. */
function leap({ counted_to, gap }: CountingProgress, hour: number): CountingProgress {
  if (hour - counted_to < HOUR_MS || countGaps(gap) >= MAX_GAPS) return { counted_to, gap }
  return { counted_to: hour, gap: { from: counted_to, to: hour, older: gap } }
}

const countGaps = (gap: Gap | null | undefined): number => (gap ? 1 + countGaps(gap.older) : 0)

/** @returns whether a sweep at this time is the first one, within a minute, that can count another step */
export function isTurnToCount(now: number): boolean {
  return Math.floor((now - LAG_MS) / MINUTE_MS) % (STEP_MS / MINUTE_MS) === 0
}

/** Normally the newest figures are at most 8 minutes old. After this, some sweeps did not count. */
const BEHIND_MS = 20 * MINUTE_MS

/** @param counted_to null before the first count @returns whether the newest figures are missing: no sweep has run */
export function isBehind(counted_to: number | null, now: number): boolean {
  return counted_to === null || now - counted_to > BEHIND_MS
}
