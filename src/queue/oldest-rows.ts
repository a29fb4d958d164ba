import { getTableConfig, type SQLiteTable } from 'drizzle-orm/sqlite-core'
import { keysOf } from '../db/portable'
import { type Statement, statement } from '../db/statements'

/*
 * Statements about a page of rows whose time has come, the oldest first.
 *
 * A sweep claims what is due: it moves the time in the row, so that no other sweep finds the row until this lease ends.
 * Whatever then does the work writes the next time, or none. If the process dies, a later sweep finds the row.
 *
 * Work that is done in one batch needs no lease: replays, imports, and endpoints that release what is parked. Their
 * batch fails or writes nothing if another sweep was faster.
 */

type Column<T extends SQLiteTable> = keyof T['$inferSelect'] & string

export interface OldestRows<T extends SQLiteTable> {
  /** The column with the time of a row, in epoch milliseconds, or with the id of the row, which begins with its time. */
  at: Column<T>
  /** The index that sorts the rows by this column; undefined for the primary key. */
  index?: string
  /** SQL that holds for these rows only. */
  condition?: string
}

interface Claim<T extends SQLiteTable, C extends Column<T>> extends OldestRows<T> {
  /** SQL for the time at which a claimed row is due again. */
  until: string
  /** SQL for other columns to set. */
  set?: string
  returns: C[]
}

/**
 * Defines a statement that claims a page of what is due at `now`. Only the folder that writes the table may call it.
 * Its rows are in no particular order.
 */
export function claiming<T extends SQLiteTable, C extends Column<T>>(
  table: T,
  { until, set, returns, ...rows }: Claim<T, C>
): Statement<{ now: number; limit: number }, Pick<T['$inferSelect'], C>> {
  return statement(`
  update ${getTableConfig(table).name}
  set ${rows.at} = ${until}${set ? `, ${set}` : ''}
  where ${isInPage(table, rows, '<= :now')}
  returning ${returns.join(', ')}`)
}

/** Defines a statement that removes a page of the rows before `end`. Only the folder that writes the table may call it. */
export function removing<T extends SQLiteTable>(
  table: T,
  rows: OldestRows<T>
): Statement<{ end: number | string; limit: number }, never> {
  return statement(`
  delete from ${getTableConfig(table).name}
  where ${isInPage(table, rows, '< :end')}`)
}

/**
 * SQL for the end of a lease that grows with the age of the work. So work that crashes whatever does it is tried less and
 * less often.
 * @param age SQL for milliseconds
 */
export function growingLease(age: string, min_ms: number, max_ms: number): string {
  return `:now + min(max(${age}, ${min_ms}), ${max_ms})`
}

function isInPage<T extends SQLiteTable>(table: T, { at, index, condition }: OldestRows<T>, end: string): string {
  const key = keysOf(table).join(', ')
  return `(${key}) in (
    select ${key}
    from ${getTableConfig(table).name}${index ? ` indexed by ${index}` : ''}
    where ${at} ${end}${condition ? ` and ${condition}` : ''}
    order by ${at}
    limit :limit)`
}
