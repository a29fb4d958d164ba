import { and, desc, eq, lt, sql } from 'drizzle-orm'
import { openDb, statement } from '../../db/client'
import { sources } from '../../db/schema'

export type SourceRow = typeof sources.$inferSelect

const PRESENT = sql`${sources.status} <> 'deleted'`

export function insertSource(env: Env, row: typeof sources.$inferInsert): D1PreparedStatement {
  return statement(env, openDb(env).insert(sources).values(row))
}

/** @param hash of the token in its address */
export async function findByToken(env: Env, hash: string): Promise<SourceRow | undefined> {
  const query = openDb(env).select().from(sources)
  // The literal predicate is what lets SQLite use the partial index.
  return query.where(and(eq(sources.token_hash, hash), sql`token_hash is not null`)).get()
}

export async function findSource(env: Env, id: string): Promise<SourceRow | undefined> {
  return openDb(env)
    .select()
    .from(sources)
    .where(and(eq(sources.id, id), PRESENT))
    .get()
}

/** Newest first. @param before an id, exclusive */
export async function listSources(
  env: Env,
  before: string | undefined,
  limit: number
): Promise<SourceRow[]> {
  const where = and(sql`status <> 'deleted'`, lt(sources.id, before ?? '~'))
  return openDb(env).select().from(sources).where(where).orderBy(desc(sources.id)).limit(limit)
}

/**
 * @param secrets when given, only if they are still the same
 * @returns the row as it is now, or undefined when there is none such
 */
export async function updateSource(
  env: Env,
  id: string,
  changes: Partial<typeof sources.$inferInsert>,
  secrets?: string
): Promise<SourceRow | undefined> {
  const same = secrets === undefined ? undefined : eq(sources.secrets, secrets)
  const query = openDb(env).update(sources).set(changes)
  return query
    .where(and(eq(sources.id, id), PRESENT, same))
    .returning()
    .get()
}

/** @returns how many there are, as far as it is worth counting */
export async function countSources(env: Env, limit: number): Promise<number> {
  const row = await env.DB.prepare(
    `select count(*) as sources from (
       select 1 from sources indexed by sources_present where status <> 'deleted' limit ?1)`
  )
    .bind(limit)
    .first<{ sources: number }>()
  return row?.sources ?? 0
}
