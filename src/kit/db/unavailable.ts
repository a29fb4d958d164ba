/**
 * Why D1 refused a call without running any of it. `busy`: somebody else holds the lock, or too many calls wait. `full`:
 * the database or the account cannot grow (https://developers.cloudflare.com/d1/observability/debug-d1/). `read` and
 * `write`: the rows that the Free plan allows for a day are used up, until 00:00 UTC
 * (https://developers.cloudflare.com/d1/platform/pricing/).
 */
export type Unavailable = 'busy' | 'full' | DailyLimit

/** What is used up. */
export type DailyLimit = 'read' | 'write'

/** SQLite's two errors for a lock, and D1's error for a full queue of calls. */
const BUSY = /SQLITE_(?:BUSY|LOCKED)|database (?:table )?is locked|D1 DB is overloaded/
const FULL = /maximum (?:DB size|account storage)|SQLITE_FULL|disk is full/i
/** D1's error for a limit of a day. */
const USED_UP = /exceeded D1's free tier daily row (read|write) limit/i

/**
 * No other function reads the text of D1's errors to find out whether the database is available.
 * @returns the reason; null for another error, or if the call may have run, as after a lost connection
 */
export function whyUnavailable(cause: unknown): Unavailable | null {
  if (cause instanceof AggregateError) return cause.errors.map(whyUnavailable).find((one) => one !== null) ?? null
  if (!(cause instanceof Error)) return null
  if (FULL.test(cause.message)) return 'full'
  if (BUSY.test(cause.message)) return 'busy'
  return (USED_UP.exec(cause.message)?.[1]?.toLowerCase() as DailyLimit | undefined) ?? null
}

/** @returns what is used up until the end of the day, or null if it is another error */
export function whatIsUsedUp(cause: unknown): DailyLimit | null {
  const why = whyUnavailable(cause)
  return why === 'read' || why === 'write' ? why : null
}
