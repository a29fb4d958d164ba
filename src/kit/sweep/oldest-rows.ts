import { getTableConfig, type SQLiteTable } from 'drizzle-orm/sqlite-core'
import { keysOf } from '../db/portable'
import { type Statement, statement } from '../db/statements'

/*
 * Pages of rows, such as those that are due. A sweep claims a due row by moving its time, so that no other sweep finds
 * it until then. If the process dies, a later sweep finds it. Replays, imports and draining endpoints need no lease,
 * because what they write has no effect if another sweep was faster.
 */

interface Page {
  /** Unless the primary key sorts the rows. */
  index?: string | undefined
  where: string
  by: string
}

/** The SQL condition that a row is on the first page, which has `:limit` rows. */
export function isInPage(table: SQLiteTable, { index, where, by }: Page): string {
  const key = keysOf(table).join(', ')
  return `(${key}) in (
    select ${key}
    from ${getTableConfig(table).name} ${index ? `indexed by ${index}` : ''}
    where ${where}
    order by ${by}
    limit :limit)`
}

export interface OldestRows<T extends SQLiteTable> {
  /** The column with the time of a row, in epoch milliseconds, or with its id, which begins with its time. */
  at: keyof T['$inferSelect'] & string
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
  { at, index, condition = 'true', until, set, returns }: Claim<T, C>
): Statement<{ now: number; limit: number }, Pick<T['$inferSelect'], C>> {
  return statement(`
  update ${getTableConfig(table).name}
  set ${at} = ${until}${set ? `, ${set}` : ''}
  where ${isInPage(table, { index, where: `${at} <= :now and ${condition}`, by: at })}
  returning ${returns.join(', ')}`)
}

/** SQL for the end of a lease that grows with `age`, so that work that crashes whatever does it is tried less often. */
export function growingLease(age: string, min_ms: number, max_ms: number): string {
  return `:now + min(max(${age}, ${min_ms}), ${max_ms})`
}
