import { getTableConfig, type SQLiteTable } from 'drizzle-orm/sqlite-core'
import { keysOf } from '../db/portable'
import { type Statement, statement } from '../db/statements'

/*
 * A page of the rows whose time has come, the oldest first. retention.ts removes them.
 *
 * A sweep claims what is due: it moves the time in the row, so that no other sweep finds the row until this lease ends.
 * Whatever then does the work writes the next time, or none. If the process dies, a later sweep finds the row. Replays,
 * imports and draining endpoints need no lease: what they write has no effect if another sweep was faster.
 */

export interface OldestRows<T extends SQLiteTable> {
  /** The column with the time of a row, in epoch milliseconds, or with its id, which begins with its time. */
  at: keyof T['$inferSelect'] & string
  /** The index that sorts the rows by this column, unless that is the primary key. */
  index?: string
  /** SQL that is true for these rows only. */
  condition?: string
}

interface Claim<T extends SQLiteTable, C> extends OldestRows<T> {
  /** SQL for the time at which a claimed row is due again. */
  until: string
  /** SQL for another column to set. */
  set?: string
  returns: C[]
}

/** Defines a statement that claims what is due at `now`. Only the folder that writes the table may call it. */
export function claiming<T extends SQLiteTable, C extends keyof T['$inferSelect'] & string>(
  table: T,
  { until, set, returns, ...rows }: Claim<T, C>
): Statement<{ now: number; limit: number }, Pick<T['$inferSelect'], C>> {
  return statement(`
  update ${getTableConfig(table).name}
  set ${rows.at} = ${until}${set ? `, ${set}` : ''}
  where ${isInPage(table, rows, '<= :now')}
  returning ${returns.join(', ')}`)
}

/** SQL for the end of a lease that grows with `age`, so that work that crashes whatever does it is tried less often. */
export function growingLease(age: string, min_ms: number, max_ms: number): string {
  return `:now + min(max(${age}, ${min_ms}), ${max_ms})`
}

/** The SQL condition that a row is one of the oldest `limit` rows. @param end compares their time, as in `< :end` */
export function isInPage<T extends SQLiteTable>(
  table: T,
  { at, index, condition = 'true' }: OldestRows<T>,
  end: string
): string {
  const key = keysOf(table).join(', ')
  return `(${key}) in (
    select ${key}
    from ${getTableConfig(table).name} ${index ? `indexed by ${index}` : ''}
    where ${at} ${end} and ${condition}
    order by ${at}
    limit :limit)`
}
