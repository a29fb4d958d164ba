export const DAY_MS = 86_400_000

/** @param time epoch milliseconds. @returns days since 1970, UTC */
export function dayOf(time: number): number {
  return Math.floor(time / DAY_MS)
}
