/** The longest a work order runs: an attempt that begins as late as it may, until its deadline, and settling. */
const RUN_MS = 45_000
/** No attempt of an order begins later: what is left over is given back. Two waves of six that run into the deadline have begun by then. */
export const BEGIN_WITHIN_MS = 25_000
/**
 * `next_attempt_at` doubles as a lease: until it passes, one work order owns the delivery; then the sweep takes over. Three times the
 * longest run: one to wait in the queue, one to run, and one in which somebody else may take it.
 */
const LEASE_MS = 3 * RUN_MS

export function leaseFrom(now: number): number {
  return now + LEASE_MS
}

/** An order that waited so long that its lease might run low while it runs must take a new one first. */
export function mustRenew(leases: number[], now: number): boolean {
  return Math.min(...leases) - now < 2 * RUN_MS
}

/** A lease that ends before this belongs to nobody who still runs: an order on time ends with more than that left. */
export function abandonedBefore(now: number): number {
  return now + RUN_MS
}
