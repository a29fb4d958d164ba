import type * as z from 'zod'
import { invalidField } from '../../kit/http/problem'
import { drain } from '../rules/delivering/breaker'
import { DEFAULT_DIGEST_HOUR, nextDigest } from '../rules/delivering/digest-hour'
import { DIGEST_INTERVAL, intervalFor, isPausing } from '../rules/delivering/pace'
import { type Format, formatOf } from '../rules/events/formats'
import { nextRev } from './health'
import type { endpointChange } from './schemas'
import type { EndpointRow } from './store'

/* How often an endpoint is called: the interval of a build hook, and the hour of a daily digest. */

/** A new interval ends the pause between two calls: it may be much shorter. A digest waits for its new hour instead. */
export function newPace(before: EndpointRow, change: z.infer<typeof endpointChange>, now: number) {
  const { format = before.format, min_interval_minutes: given } = change
  const hour = digestHour(change, before.digest_hour)
  const kept = before.digest_hour === null ? before.min_interval_minutes : null
  // An interval that was not given is dropped if the new format has none.
  const interval = given === undefined ? intervalFor(format, kept) : given
  const pace = paceColumns(format, interval, hour)
  const isSame = pace.min_interval_minutes === before.min_interval_minutes && hour === before.digest_hour
  if (isSame || !isPausing(before)) return pace
  const wait = hour === null ? drain(now) : { breaker: 'held' as const, resume_at: nextDigest(hour, now), probes: 0 }
  return { ...pace, ...wait, health_rev: nextRev(before.health_rev) }
}

/** @returns the hour of the daily digest, or null for none */
export function digestHour(
  { digest, digest_hour }: Pick<z.infer<typeof endpointChange>, 'digest' | 'digest_hour'>,
  before: number | null
) {
  const isDaily = digest === undefined ? before !== null : digest === 'daily'
  if (isDaily) return digest_hour ?? before ?? DEFAULT_DIGEST_HOUR
  if (digest_hour == null) return null
  throw invalidField('digest_hour', 'Only a daily digest has an hour. Set digest to daily, or omit the hour.')
}

export function paceColumns(format: Format, interval: number | null | undefined, digest_hour: number | null) {
  if (digest_hour === null) return { min_interval_minutes: requireInterval(format, interval), digest_hour }
  if (formatOf(format).isForPrograms) {
    const message = `The format ${format} has no digest. Set digest to off.`
    throw invalidField('digest', message)
  }
  requireInterval(format, interval)
  return { min_interval_minutes: DIGEST_INTERVAL, digest_hour }
}

function requireInterval(format: Format, interval: number | null | undefined): number | null {
  if (formatOf(format).isPaced || !interval) return intervalFor(format, interval)
  const message = 'Only build hooks have a minimum interval. Omit the field.'
  throw invalidField('min_interval_minutes', message)
}
