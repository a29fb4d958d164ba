/** The longest that a work order runs: an attempt that starts as late as allowed, its deadline, and settling. */
const RUN_MS = 45_000
/** No attempt of an order starts later. By then, two rounds of six that run into the deadline have started. */
export const BEGIN_WITHIN_MS = 25_000
/**
 * `next_attempt_at` doubles as a lease: until it passes, one work order owns the delivery; then the sweep takes over.
 * It is three times the longest run: one to wait in the queue, one to run, one in which another order may take over.
 */
const LEASE_MS = 3 * RUN_MS

/** @returns the end of a lease that starts now, in epoch milliseconds */
export function leaseFrom(now: number): number {
  return now + LEASE_MS
}

/** Whether an order waited so long that its leases could end while it runs. It must take new ones first. */
export function mustRenew(leases: number[], now: number): boolean {
  return Math.min(...leases) - now < 2 * RUN_MS
}

/** A lease that ends before this is abandoned: an order on time has more time left when it ends. */
export function abandonedBefore(now: number): number {
  return now + RUN_MS
}
