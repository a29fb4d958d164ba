import { cut } from '../lib/text/shorten'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../lib/time'

/* The filter of a list, as it is in the address. parts/filter.tsx has its form. */

/** In UTF-16 code units. */
export const MAX_TYPED = 255

/** The ranges of time that take one click: how long they are, and their names. They end now. */
export const FILTER_RANGES: Record<string, { ms: number; label: string }> = {
  hour: { ms: HOUR_MS, label: 'Last hour' },
  day: { ms: DAY_MS, label: 'Last day' },
  week: { ms: 7 * DAY_MS, label: 'Last week' },
}

/** The names of a filter by time: a range, or its own start and end. */
export const TIME_NAMES = ['range', 'since', 'until'] as const
type TimeName = (typeof TIME_NAMES)[number]

/** @param most UTF-16 code units of a value @returns values by name, '' for no value. A typed time replaces a range */
export function readTyped<Name extends string>(query: URLSearchParams, names: readonly Name[], most = MAX_TYPED) {
  const typed = names.map((name) => [name, cut((query.get(name) ?? '').trim(), most)])
  const { range, ...others }: Record<string, string> = Object.fromEntries(typed)
  if (range === undefined) return others as Record<Name, string>
  const isOwn = Boolean(others.since || others.until) || !Object.hasOwn(FILTER_RANGES, range)
  return { ...others, range: isOwn ? '' : range } as Record<Name, string>
}

/** @returns epoch milliseconds, inclusive, to the end of the minute; undefined where the filter sets no limit */
export function readTimes({ range, since, until }: Record<TimeName, string>, now: number) {
  const length = FILTER_RANGES[range]?.ms
  const end = readTypedTime(until)
  return { since: length === undefined ? readTypedTime(since) : now - length, until: end && end + MINUTE_MS - 1 }
}

/** Reads the value of a datetime-local input, `2026-11-24T10:00`, as UTC. @returns epoch milliseconds, or undefined */
export function readTypedTime(text: string): number | undefined {
  const at = /^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(text) ? Date.parse(`${text.slice(0, 16)}Z`) : -1
  return at >= 0 ? at : undefined
}
