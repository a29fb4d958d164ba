import { type DrizzleD1Database, drizzle } from 'drizzle-orm/d1'

export type Db = DrizzleD1Database

export function openDb(env: Env): Db {
  return drizzle(env.DB)
}

/** Turns a drizzle query into a statement that can stand in a `batch()` beside hand-written ones. */
export function statement(env: Env, query: { toSQL(): { sql: string; params: unknown[] } }) {
  const { sql, params } = query.toSQL()
  return env.DB.prepare(sql).bind(...params)
}

/** D1 says "UNIQUE constraint failed: table.column: SQLITE_CONSTRAINT". */
export function isUniqueViolation(cause: unknown, column: string): boolean {
  return cause instanceof Error && cause.message.includes(`UNIQUE constraint failed: ${column}`)
}
