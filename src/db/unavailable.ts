/** Why D1 refused a call without running any of it. `busy`: somebody else holds the lock, or too many calls wait. */
export type Unavailable = 'busy'

/** SQLite's two errors for a lock, and D1's error for a full line. */
const BUSY = /SQLITE_(?:BUSY|LOCKED)|database (?:table )?is locked|D1 DB is overloaded/

/**
 * The only place that reads the text of D1's errors to find out whether the database is there at all. Errors after
 * which a call may have run, such as a lost connection, are none of these.
 * @returns the reason, or null if it is another error
 */
export function whyUnavailable(cause: unknown): Unavailable | null {
  return cause instanceof Error && BUSY.test(cause.message) ? 'busy' : null
}
