import { type Arrival, type SchemeCheck, whyMissing } from './check'
import { extract } from './places'
import type { Timestamp } from './scheme'

/** Reads a timestamp and compares it with the time of arrival. */
export function readTimestamp(
  scheme: Timestamp | undefined,
  arrival: Arrival
): Pick<SchemeCheck, 'timestamp' | 'reason'> {
  if (!scheme) return { timestamp: null, reason: null }
  const { request, content, received_at } = arrival
  const { tolerance, unit } = scheme
  const [text] = extract(request, content, scheme)
  if (text === undefined) return { timestamp: null, reason: whyMissing(scheme.at, arrival) }
  const time = toMilliseconds(unit, text)
  if (time === null) return { timestamp: { text, age: null, tolerance }, reason: 'bad_timestamp' }
  const age = received_at - time
  const timestamp = { text, age: Math.round(age / 1_000), tolerance }
  if (age > tolerance * 1_000) return { timestamp, reason: 'timestamp_too_old' }
  return { timestamp, reason: -age > tolerance * 1_000 ? 'timestamp_too_new' : null }
}

const RFC_3339 = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)$/

/** @returns epoch milliseconds, or null if the string is not a time in this unit */
function toMilliseconds(unit: Timestamp['unit'], text: string): number | null {
  if (unit === 'iso') {
    const time = RFC_3339.test(text) ? Date.parse(text.replace(/(\.\d{3})\d+/, '$1')) : Number.NaN
    return Number.isNaN(time) ? null : time
  }
  if (!/^\d{1,15}$/.test(text)) return null
  return unit === 's' ? Number(text) * 1_000 : Number(text)
}
