import { MINUTE_MS } from '../../../kit/lib/time'
import { type Format, formatOf } from '../events/formats'
import type { Breaker } from './breaker'
import { type Digested, nextDigest } from './digest-hour'
import { retryDelayMs } from './retry-schedule'

/*
 * The pace of a build hook. After a successful call, no call is made for `min_interval_minutes`. Entries that come in
 * the meantime share one waiting delivery, because one call covers all of them.
 *
 * - All calls are released one at a time (webhooks/send/deliver/release-parked.ts). Dispatch and retries only park, so
 *   entries that come at the same moment cannot cause two calls.
 * - While a delivery is parked, dispatch creates no other one, unless the last one is of a replay. The parked one is released and sent after that dispatch,
 *   because the database runs one batch at a time. It therefore covers the new message, too.
 * - If several are parked nevertheless, one is released and the others are canceled, because the call comes after all
 *   of them.
 * - The interval starts with the result of a call. Until then, the breaker is draining. The next release is due only
 *   when the call would have had a result, so that a lost call does not block the next one forever.
 * - A failed call is retried on the schedule of every delivery, even within the interval, because it has probably
 *   started no build. Five failures in a row open the breaker.
 * - A waiting call is made even if the entry that caused it is deleted for good, because it may cover other entries.
 * - As with every delivery, a call is made again if the process dies before its result is stored.
 * - What a person asks for is not paced: a test, a manual retry, another URL, and enabling the endpoint.
 *
 * A daily digest is such a call, too: webhooks/send/digest.ts. It reports all events until then, so each of them gets
 * a delivery. The newest one is released at the hour, and the others are canceled.
 */

/** @returns an interval after the word "every" */
export const minutesOf = (minutes: number): string => (minutes === 1 ? 'minute' : `${minutes} minutes`)

/** The longest interval, in minutes: a day. */
export const MAX_INTERVAL = 1_440
export const DEFAULT_INTERVAL = 5

/** @param interval in minutes; undefined for the default. @returns null unless the format is a build hook */
export function intervalFor(format: Format, interval: number | null | undefined): number | null {
  return formatOf(format).isPaced ? (interval ?? DEFAULT_INTERVAL) : null
}

/** @returns whether an endpoint is called at most once in an interval */
export const isPaced = ({ min_interval_minutes }: Paced): boolean => (min_interval_minutes ?? 0) > 0

/** A column of `endpoints`. Null or 0 for an endpoint that gets each event. */
type Paced = { min_interval_minutes: number | null }

/** An endpoint with a daily digest is called once a day. Its interval makes it paced; its hour decides when. */
export const DIGEST_INTERVAL = MAX_INTERVAL

/** @returns how long to wait after a successful call, in minutes; 0 for an endpoint that is not paced */
export function pauseAfter({ min_interval_minutes, digest_hour }: Paced & Digested, now: number): number {
  if (digest_hour === null) return min_interval_minutes ?? 0
  return (nextDigest(digest_hour, now) - now) / MINUTE_MS
}

/** Waits after a successful call. A longer Retry-After remains in effect. @param interval in minutes */
export function pause(before: Breaker, interval: number, now: number): Breaker {
  return { breaker: 'held', resume_at: Math.max(now + interval * MINUTE_MS, heldUntil(before)), probes: 0 }
}

/** Waits after a failed call, without jitter: no other call is made. @param hintMs Retry-After in milliseconds, or 0 */
export function retryLater(before: Breaker, failures: number, hintMs: number, now: number): Breaker {
  const wait = Math.max(retryDelayMs(failures, 0) ?? 0, hintMs)
  return { breaker: 'held', resume_at: Math.max(now + wait, heldUntil(before)), probes: before.probes }
}

const heldUntil = ({ breaker, resume_at }: Breaker): number => (breaker === 'held' ? (resume_at ?? 0) : 0)

/** Whether a paced endpoint waits only because it has been called, and not because of a failure or a Retry-After. */
export function isPausing(endpoint: Paced & Breaker & { consecutive_failures: number }): boolean {
  const { breaker, probes, consecutive_failures } = endpoint
  return isPaced(endpoint) && breaker === 'held' && probes === 0 && consecutive_failures === 0
}
