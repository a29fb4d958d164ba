import { DAY_MS, HOUR_MS } from '../../../kit/lib/time'

/* When the daily digest of an endpoint is due: webhooks/send/digest.ts makes it. */

export const DEFAULT_DIGEST_HOUR = 8

/** @returns when the next digest is due, after `now`. @param hour in UTC */
export function nextDigest(hour: number, now: number): number {
  const today = now - (now % DAY_MS) + hour * HOUR_MS
  return today > now ? today : today + DAY_MS
}

const TODAY = `(:now - (:now % ${DAY_MS}) + digest_hour * ${HOUR_MS})`
/** `nextDigest` as SQL. */
export const NEXT_DIGEST = `(${TODAY} + iif(${TODAY} > :now, 0, ${DAY_MS}))`

/** A column of `endpoints`. */
export type Digested = { digest_hour: number | null }
