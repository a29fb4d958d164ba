export const HOUR_MS = 3_600_000
export const DAY_MS = 24 * HOUR_MS

/** @param time epoch milliseconds. @returns days since 1970, UTC */
export function dayOf(time: number): number {
  return Math.floor(time / DAY_MS)
}

/** @returns how many seconds are left until the next day starts (UTC), when everything that is limited by day starts again */
export function secondsToTomorrow(now: number): number {
  return Math.ceil((DAY_MS - (now % DAY_MS)) / 1_000)
}
