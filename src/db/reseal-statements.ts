import { getTableConfig, type SQLiteTable } from 'drizzle-orm/sqlite-core'
import { statement } from './statements'

/**
 * The statements that re-encrypt a column after SECRETS_KEY has been changed. `find` returns the rows whose ciphertext
 * does not start with `prefix`, which identifies the current key. `replace` takes a JSON list of {id, sealed, again}
 * and skips rows that have changed in the meantime.
 * @param key the column that contains the id
 */
export function resealing<T extends SQLiteTable>(
  table: T,
  key: keyof T['_']['columns'] & string,
  column: keyof T['_']['columns'] & string
) {
  const { name, indexes } = getTableConfig(table)
  const index = `${name}_sealed`
  const hint = indexes.some(({ config }) => config.name === index) ? `indexed by ${index}` : ''
  // SQLite can use an index for `<` and `>`, but not for `<>`.
  const sealed = `
  select ${key} as id, ${column} as sealed
  from ${name} ${hint}
  where ${column} <> '' and substr(${column}, 1, 8)`
  return {
    find: statement<{ prefix: string; limit: number }, { id: string; sealed: string }>(
      `${sealed} < :prefix union all ${sealed} > :prefix limit :limit`
    ),
    replace: statement<{ boxes: string }>(`
  update ${name}
  set ${column} = j.value ->> 'again'
  from json_each(:boxes) j
  where ${name}.${key} = j.value ->> 'id' and ${name}.${column} = j.value ->> 'sealed'`),
  }
}
