export const HOUR_MS = 3_600_000
export const DAY_MS = 24 * HOUR_MS

/** @param time epoch milliseconds. @returns days since 1970, UTC */
export function dayOf(time: number): number {
  return Math.floor(time / DAY_MS)
}
