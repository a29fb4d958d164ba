/** The longest time that a work order runs: the latest start of an attempt, the attempt's deadline, and settling. */
const RUN_MS = 45_000
/** No attempt in an order starts later than this. By then, two rounds of six have started, even if all time out. */
export const BEGIN_WITHIN_MS = 25_000
/**
 * `next_attempt_at` is also a lease: until then, one work order owns the delivery, and after that, the sweep takes
 * over. It lasts three of the longest runs: one in the queue, one to run, and one for another order to take over.
 */
export const LEASE_MS = 3 * RUN_MS

/** @returns the end of a lease that starts now, in epoch milliseconds */
export const leaseFrom = (now: number): number => now + LEASE_MS

/** A page is spread over this time, so that a receiver that has just recovered is not flooded. */
export const SPREAD_SECONDS = 50

/** @returns the end of the lease of a page, which is the longest one */
export const pageLeaseFrom = (now: number): number => leaseFrom(now + SPREAD_SECONDS * 1_000)

/** Whether an order has waited so long that its leases could end while it is running. It must first take new leases. */
export const mustRenew = (leases: number[], now: number): boolean => Math.min(...leases) - now < 2 * RUN_MS

/** A lease that ends before this is abandoned: an order that arrives on time ends `RUN_MS` or more before its lease. */
export const abandonedBefore = (now: number): number => now + RUN_MS
