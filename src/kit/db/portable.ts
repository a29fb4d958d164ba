import { getTableConfig, type SQLiteTable } from 'drizzle-orm/sqlite-core'
import type { ColumnOf } from './rows'
import { type Statement, statement, type Value } from './statements'

/* How rows move to another deployment. The folder that writes a table lists its columns, so that no secret is moved. */

export type PortableRow = Record<string, Value>

export interface Readable {
  /** The columns of the key. */
  keys: string[]
  /** The columns that are exported. */
  columns: string[]
  /** Reads the rows behind a key in order. `after` is the key as a JSON list. */
  read: Statement<{ after: string; limit: number }, PortableRow>
}

export interface Portable extends Readable {
  /** Inserts rows, given as a JSON list. Rows that exist are kept, but those that `replaces` names are replaced. */
  insert: Statement<{ rows: string }, never>
}

interface Options {
  /** Columns that are read and inserted, but are never part of a line as they are. */
  hidden?: string[]
  /** SQL, to leave out rows. */
  condition?: string
  /** SQL: which rows that exist are replaced. */
  replaces?: string
}

/** @param names the columns to export, with the key */
export function readable<T extends SQLiteTable>(
  table: T,
  names: ColumnOf<T>[],
  { hidden = [], condition = 'true' }: Options = {}
): Readable {
  const { name } = getTableConfig(table)
  const keys = keysOf(table)
  const key = keys.join(', ')
  const read = statement<{ after: string; limit: number }, PortableRow>(`
  select ${[...names, ...hidden].map(quoted).join(', ')}
  from ${name}
  where (${key}) > (${keys.map((_, i) => `:after ->> ${i}`).join(', ')}) and ${condition}
  order by ${key}
  limit :limit`)
  return { keys, columns: names, read }
}

/** @returns the columns of the primary key */
export function keysOf(table: SQLiteTable): string[] {
  const { columns, primaryKeys } = getTableConfig(table)
  return (primaryKeys[0]?.columns ?? columns.filter(({ primary }) => primary)).map(({ name }) => name)
}

/** A column may have the name of a keyword, such as `when`. */
const quoted = (column: string): string => `"${column}"`

/** Like `readable`, for rows that can be inserted again. Only the folder that writes the table may call it. */
export function portable<T extends SQLiteTable>(table: T, names: ColumnOf<T>[], options: Options = {}): Portable {
  const parts = readable(table, names, options)
  const every = [...parts.columns, ...(options.hidden ?? [])]
  const changes = every
    .filter((column) => !parts.keys.includes(column))
    .map((column) => `${quoted(column)} = excluded.${quoted(column)}`)
  const insert = statement<{ rows: string }>(`
  insert into ${getTableConfig(table).name} (${every.map(quoted).join(', ')})
  select ${every.map((column) => `j.value ->> '${column}'`).join(', ')}
  from json_each(:rows) j
  where true
  on conflict (${parts.keys.join(', ')}) do update set ${changes.join(', ')} where ${options.replaces ?? 'false'}`)
  return { ...parts, insert }
}
