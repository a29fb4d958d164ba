import type * as z from 'zod'
import { invalidField } from '../../kit/http/problem'
import { DEFAULT_DIGEST_HOUR, DIGEST_INTERVAL, intervalFor, type PaceColumns } from '../rules/delivering/pace'
import { type Format, formatOf } from '../rules/events/formats'
import type { endpointChange } from './schemas'
import type { EndpointRow } from './store'

/* How often an endpoint is called: the interval of a build hook, and the hour of a daily digest. */

/** @returns the pace as the API shows it. A digest has no interval of its own */
export function shownPace({ min_interval_minutes, digest_hour }: PaceColumns) {
  if (digest_hour === null) return { digest: 'off' as const, digest_hour, min_interval_minutes }
  return { digest: 'daily' as const, digest_hour, min_interval_minutes: null }
}

/** @returns the pace after a change. An interval that was not given is dropped if the new format has none */
export function newPace(before: EndpointRow, change: z.infer<typeof endpointChange>): PaceColumns {
  const { format = before.format, min_interval_minutes: given } = change
  const hour = digestHour(change, before.digest_hour)
  const kept = before.digest_hour === null ? before.min_interval_minutes : null
  return paceColumns(format, given === undefined ? intervalFor(format, kept) : given, hour)
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
