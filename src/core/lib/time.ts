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

const UNITS: [name: string, ms: number][] = [
  ['day', DAY_MS],
  ['hour', HOUR_MS],
  ['minute', 60_000],
  ['second', 1_000],
]

/** @param ms a limit of the program @returns it in the largest unit that gives a whole number, such as `15 minutes` */
export function spanOf(ms: number): string {
  const [unit, size] = UNITS.find(([, size]) => ms % size === 0) ?? ['second', 1_000]
  const count = ms / size
  return `${count.toLocaleString('en')} ${unit}${count === 1 ? '' : 's'}`
}
