/** Tells the current time, in epoch milliseconds. Code that waits gets it beside `now`, when it began. */
export type Clock = () => number

/** When something began, in epoch milliseconds, and the time since then. */
export type ClockedTime = { now: number; clock: Clock }

export const MINUTE_MS = 60_000
export const HOUR_MS = 60 * MINUTE_MS
export const DAY_MS = 24 * HOUR_MS

/** @param time epoch milliseconds. @returns days since 1970, UTC */
export const dayOf = (time: number): number => Math.floor(time / DAY_MS)

/** @returns the seconds until the next day (UTC), when daily limits start again */
export const secondsToTomorrow = (now: number): number => Math.ceil((DAY_MS - (now % DAY_MS)) / 1_000)

const UNITS: [name: string, ms: number][] = [
  ['day', DAY_MS],
  ['hour', HOUR_MS],
  ['minute', MINUTE_MS],
  ['second', 1_000],
]

/** @returns a time in the largest unit that gives a whole number, such as `15 minutes` */
export function spanOf(ms: number): string {
  const [unit, size] = UNITS.find(([, size]) => ms % size === 0) ?? ['second', 1_000]
  const count = ms / size
  return `${count} ${unit}${count === 1 ? '' : 's'}`
}

const WORDS = ['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten']

/** @returns a time with a small number in words: `one minute`, `three seconds` */
export function spanInWords(ms: number): string {
  return spanOf(ms).replace(/^\d+/, (count) => WORDS[Number(count) - 1] ?? count)
}

/** @returns a time with an article if it is one unit: `a minute`, `an hour`, `three seconds` */
export function aSpanOf(ms: number): string {
  return spanInWords(ms)
    .replace(/^one (?=h)/, 'an ')
    .replace(/^one /, 'a ')
}
