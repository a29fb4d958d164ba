import { sql } from 'drizzle-orm'

/** An SQL list of text values, for a check constraint. */
export function oneOf(values: readonly string[]) {
  return sql.raw(`(${values.map((value) => `'${value}'`).join(', ')})`)
}
