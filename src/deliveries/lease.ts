/**
 * `next_attempt_at` doubles as a lease: until it passes, one work order owns the delivery. The sweep takes over what is overdue.
 */
export const LEASE_MS = 90_000
/** The longest a work order runs: two waves of six attempts at the deadline, and settling. */
export const RUN_MS = 45_000

export function leaseFrom(now: number): number {
  return now + LEASE_MS
}

/** An order that waited so long that its lease might end while it runs must take a new one first. */
export function mustRenew(leases: number[], now: number): boolean {
  return Math.min(...leases) - now < RUN_MS
}
