/** Tells the current time, in epoch milliseconds. Code that waits gets it beside `now`, when it began. */
export type Clock = () => number

export const HOUR_MS = 3_600_000
export const DAY_MS = 24 * HOUR_MS

/** @param time epoch milliseconds. @returns days since 1970, UTC */
export function dayOf(time: number): number {
  return Math.floor(time / DAY_MS)
}

/** @returns the seconds until the next day (UTC), when daily limits start again */
export function secondsToTomorrow(now: number): number {
  return Math.ceil((DAY_MS - (now % DAY_MS)) / 1_000)
}

const UNITS: [name: string, ms: number][] = [
  ['day', DAY_MS],
  ['hour', HOUR_MS],
  ['minute', 60_000],
  ['second', 1_000],
]

/** @returns a time in the largest unit that gives a whole number, such as `15 minutes` */
export function spanOf(ms: number): string {
  const [unit, size] = UNITS.find(([, size]) => ms % size === 0) ?? ['second', 1_000]
  const count = ms / size
  return `${count.toLocaleString('en')} ${unit}${count === 1 ? '' : 's'}`
}
