import { getTableConfig, type SQLiteTable } from 'drizzle-orm/sqlite-core'
import { statement } from './statements'

/**
 * The statements that encrypt a column again after SECRETS_KEY was changed. `find` returns the rows whose ciphertext
 * does not start with `prefix`, the mark of the current key. `replace` takes a JSON list of {id, sealed, again} and
 * skips rows that changed meanwhile.
 * @param key the column of the id
 */
export function resealing<T extends SQLiteTable>(
  table: T,
  key: keyof T['_']['columns'] & string,
  column: keyof T['_']['columns'] & string
) {
  const { name, indexes } = getTableConfig(table)
  const index = `${name}_sealed`
  const hint = indexes.some(({ config }) => config.name === index) ? `indexed by ${index}` : ''
  // SQLite searches an index for `<` and `>`, but not for `<>`.
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
