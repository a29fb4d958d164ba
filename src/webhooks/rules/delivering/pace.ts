import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../kit/lib/time'
import { type Format, formatOf } from '../events/formats'

/*
 * The pace of an endpoint: how often its owner wants it to be called. What the endpoint waits for now is another thing:
 * see waiting.ts.
 *
 * - `at once`: a request for each event. A backlog is sent at `rate_limit` deliveries a minute.
 * - `every`: a build hook. After a successful call, no call is made for some minutes.
 * - `daily`: a digest, at an hour.
 *
 * With the last two, the endpoint gets *calls*. Each event gets a delivery, which is parked. A call sends the newest of
 * them and covers the others: the column `covered_by` of a covered delivery names the delivery that is sent. What a
 * person asks for is not paced: a test, a retry of one delivery, another URL, and enabling the endpoint.
 */

export type Pace = { kind: 'at once' } | { kind: 'every'; minutes: number } | { kind: 'daily'; hour: number }

/** The columns of `endpoints` that contain the pace. An endpoint with a digest has both. */
export interface PaceColumns {
  min_interval_minutes: number | null
  /** In UTC. */
  digest_hour: number | null
}

export const AT_ONCE: Pace = { kind: 'at once' }

export function paceOf({ min_interval_minutes, digest_hour }: PaceColumns): Pace {
  if (digest_hour !== null) return { kind: 'daily', hour: digest_hour }
  return min_interval_minutes ? { kind: 'every', minutes: min_interval_minutes } : AT_ONCE
}

/** Whether an endpoint gets calls, each of which covers several events. */
export const getsCalls = ({ kind }: Pace): boolean => kind !== 'at once'

/** `getsCalls` for a row. A digest has an interval, too. */
export const isPaced = ({ min_interval_minutes }: Pick<PaceColumns, 'min_interval_minutes'>): boolean =>
  (min_interval_minutes ?? 0) > 0

/** `isPaced` as SQL. It is never null. @param endpoint the alias of the row */
export const isPacing = (endpoint: string): string => `coalesce(${endpoint}.min_interval_minutes, 0) > 0`

/** @returns an interval after the word "every" */
export const minutesOf = (minutes: number): string => (minutes === 1 ? 'minute' : `${minutes} minutes`)

/** The longest interval, in minutes: a day. */
export const MAX_INTERVAL = 1_440
export const DEFAULT_INTERVAL = 5
/** The interval of an endpoint with a digest. Its hour decides when it is called. */
export const DIGEST_INTERVAL = MAX_INTERVAL
export const DEFAULT_DIGEST_HOUR = 8

/** @param interval in minutes; undefined for the default. @returns null unless the format is a build hook */
export function intervalFor(format: Format, interval: number | null | undefined): number | null {
  return formatOf(format).isPaced ? (interval ?? DEFAULT_INTERVAL) : null
}

/** @returns when the next digest is due, after `now`. @param hour in UTC */
export function nextDigest(hour: number, now: number): number {
  const today = now - (now % DAY_MS) + hour * HOUR_MS
  return today > now ? today : today + DAY_MS
}

/** @returns when the next call may be made if one has succeeded at `now`; null for an endpoint that gets no calls */
export function nextCall(pace: Pace, now: number): number | null {
  if (pace.kind === 'at once') return null
  return pace.kind === 'every' ? now + pace.minutes * MINUTE_MS : nextDigest(pace.hour, now)
}

/** @returns when the first call may be made after a while without any: at once, or at the hour of the digest */
export const firstCall = (pace: Pace, now: number): number => (pace.kind === 'daily' ? nextDigest(pace.hour, now) : now)

const TODAY = `(:now - (:now % ${DAY_MS}) + digest_hour * ${HOUR_MS})`
const NEXT_DIGEST = `(${TODAY} + iif(${TODAY} > :now, 0, ${DAY_MS}))`

/** `nextCall` as SQL, about a row of `endpoints`. */
export const NEXT_CALL = `case
      when digest_hour is not null then ${NEXT_DIGEST}
      when coalesce(min_interval_minutes, 0) > 0 then :now + min_interval_minutes * ${MINUTE_MS}
    end`

/** `firstCall` as SQL, about a row of `endpoints`. */
export const FIRST_CALL = `iif(digest_hour is null, :now, ${NEXT_DIGEST})`
