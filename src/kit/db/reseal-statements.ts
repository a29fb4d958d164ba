import { getTableConfig, type SQLiteTable } from 'drizzle-orm/sqlite-core'
import { statement } from './statements'

/**
 * Finds the rows whose ciphertext does not start with `prefix`, which stands for the current SECRETS_KEY and version.
 * @param key the column with the id @param condition SQL, to ignore some rows
 */
export function findStale<T extends SQLiteTable>(
  table: T,
  key: keyof T['_']['columns'] & string,
  column: keyof T['_']['columns'] & string,
  condition = 'true'
) {
  const { name } = getTableConfig(table)
  // SQLite can use an index for `<` and `>`, but not for `<>`.
  const sealed = `
  select ${key} as id, ${column} as sealed
  from ${name} ${hintFor(table)}
  where ${column} <> '' and ${condition} and substr(${column}, 1, ${HEAD_LENGTH})`
  return statement<{ prefix: string; limit: number }, { id: string; sealed: string }>(
    `${sealed} < :prefix union all ${sealed} > :prefix limit :limit`
  )
}

/**
 * Re-encrypts a column after SECRETS_KEY was changed. `findPage` finds the same rows as `findStale`, in the order of
 * the index, after the row whose ciphertext starts with `head` and whose id is `id`. `replace` takes a JSON list of
 * {id, sealed, again} and skips rows that have changed in the meantime.
 */
export function resealing<T extends SQLiteTable>(
  table: T,
  key: keyof T['_']['columns'] & string,
  column: keyof T['_']['columns'] & string
) {
  const { name } = getTableConfig(table)
  const head = `substr(${column}, 1, ${HEAD_LENGTH})`
  const sealed = `
  select ${key} as id, ${column} as sealed
  from ${name} ${hintFor(table)}
  where ${column} <> ''`
  return {
    find: findStale(table, key, column),
    findPage: statement<{ prefix: string; head: string; id: string; limit: number }, { id: string; sealed: string }>(
      `${sealed} and ${head} = :head and ${key} > :id and :head <> :prefix
  union all ${sealed} and ${head} > :head and ${head} < :prefix
  union all ${sealed} and ${head} > max(:head, :prefix)
  limit :limit`
    ),
    replace: statement<{ boxes: string }>(`
  update ${name}
  set ${column} = j.value ->> 'again'
  from json_each(:boxes) j
  where ${name}.${key} = j.value ->> 'id' and ${name}.${column} = j.value ->> 'sealed'`),
  }
}

/** How many characters of a ciphertext identify the key: see kit/lib/secret-box.ts. */
export const HEAD_LENGTH = 8

function hintFor(table: SQLiteTable): string {
  const { name, indexes } = getTableConfig(table)
  const index = `${name}_sealed`
  return indexes.some(({ config }) => config.name === index) ? `indexed by ${index}` : ''
}
