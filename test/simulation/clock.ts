import { vi } from 'vitest'

export const SECOND = 1_000
export const MINUTE = 60 * SECOND
export const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR

/** A fixed time, so that a seed always gives the same run. */
const START = Date.UTC(2026, 0, 5, 12)

/** The time of a run. It stands still between steps, and can jump in both directions. Only `Date` is simulated. */
export class Clock {
  now = START
  /** The latest time so far. Something that is older than a day at this time may have been removed. */
  latest = START
  /** By how much the clock has been set back, in total. What an isolate caches for a minute lasts that much longer. */
  setBack = 0

  constructor() {
    this.tick(0)
  }

  tick(ms: number): void {
    this.now += ms
    this.setBack += Math.max(-ms, 0)
    this.latest = Math.max(this.latest, this.now)
    vi.setSystemTime(this.now)
  }

  /** Corrects the clock after it has been set back. */
  catchUp(): void {
    this.tick(this.latest - this.now)
  }
}
