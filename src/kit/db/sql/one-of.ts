import { sql } from 'drizzle-orm'

/** An SQL list of text values, for a check constraint. */
export const oneOf = (values: readonly string[]) => sql.raw(`(${values.map((value) => `'${value}'`).join(', ')})`)
