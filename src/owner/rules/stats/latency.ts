/* How long receivers took to respond, as a histogram with fixed buckets, so that the hours of a day can be added up. */

/** The upper bound of each bucket in milliseconds, inclusive. Slower attempts are in one more bucket. */
export const LATENCY_BOUNDS_MS = [
  10, 20, 50, 100, 200, 350, 500, 750, 1_000, 1_500, 2_500, 5_000, 10_000, 15_000,
] as const

/** The number of attempts in each bucket. */
export type Latency = number[]

export const noLatency = (): Latency => Array.from({ length: LATENCY_BOUNDS_MS.length + 1 }, () => 0)

/**
 * Estimates a percentile, as if the attempts of a bucket were spread evenly over it.
 * @param share 0 to 1 @returns milliseconds, at most the highest bound; null if there were no attempts
 */
export function percentile(latency: Latency, share: number): number | null {
  const total = latency.reduce((sum, count) => sum + count, 0)
  if (total === 0) return null
  let rest = total * share
  for (const [i, count] of latency.entries()) {
    if (rest <= count && count > 0) return Math.round(within(i, rest / count))
    rest -= count
  }
  return LATENCY_BOUNDS_MS[LATENCY_BOUNDS_MS.length - 1] ?? null
}

/** @returns the time at a position in a bucket, 0 to 1 */
function within(bucket: number, position: number): number {
  const from = LATENCY_BOUNDS_MS[bucket - 1] ?? 0
  const to = LATENCY_BOUNDS_MS[bucket] ?? from
  return from + (to - from) * position
}
