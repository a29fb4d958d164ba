import { and, desc, eq, lt, sql } from 'drizzle-orm'
import { openDb, statement } from '../db/client'
import { endpoints } from '../db/schema'

export type EndpointRow = typeof endpoints.$inferSelect

const PRESENT = sql`${endpoints.status} <> 'deleted'`

export function insertEndpoint(env: Env, row: typeof endpoints.$inferInsert): D1PreparedStatement {
  return statement(env, openDb(env).insert(endpoints).values(row))
}

export async function findEndpoint(env: Env, id: string): Promise<EndpointRow | undefined> {
  return openDb(env)
    .select()
    .from(endpoints)
    .where(and(eq(endpoints.id, id), PRESENT))
    .get()
}

/** Newest first. @param before an id, exclusive */
export async function listEndpoints(
  env: Env,
  before: string | undefined,
  limit: number
): Promise<EndpointRow[]> {
  // The literal predicate is what lets SQLite use the partial index.
  const present = sql`status <> 'deleted'`
  const where = and(present, lt(endpoints.id, before ?? '~'))
  return openDb(env).select().from(endpoints).where(where).orderBy(desc(endpoints.id)).limit(limit)
}

/**
 * @param secrets when given, only if they are still the same
 * @returns the row as it is now, or undefined when there is none such
 */
export async function updateEndpoint(
  env: Env,
  id: string,
  changes: Partial<typeof endpoints.$inferInsert>,
  secrets?: string
): Promise<EndpointRow | undefined> {
  const same = secrets === undefined ? undefined : eq(endpoints.secrets, secrets)
  const query = openDb(env).update(endpoints).set(changes)
  return query
    .where(and(eq(endpoints.id, id), PRESENT, same))
    .returning()
    .get()
}

/** Replaces the secrets unless somebody else has done so since they were read. */
export async function replaceSecrets(
  env: Env,
  id: string,
  before: string,
  after: string,
  now: number
): Promise<boolean> {
  const { meta } = await env.DB.prepare(
    'update endpoints set secrets = ?3, updated_at = ?4 where id = ?1 and secrets = ?2'
  )
    .bind(id, before, after, now)
    .run()
  return meta.changes === 1
}

/** The URLs that integrators have registered by themselves: there is a limit, so there are never many. */
export async function listSelfRegistered(env: Env): Promise<string[]> {
  const { results } = await env.DB.prepare(
    'select url from endpoints indexed by endpoints_managed where manage_token_hash is not null'
  ).all<{ url: string }>()
  return results.map(({ url }) => url)
}

export async function findByManageToken(env: Env, hash: string): Promise<EndpointRow | undefined> {
  return openDb(env)
    .select()
    .from(endpoints)
    .where(and(eq(endpoints.manage_token_hash, hash), PRESENT))
    .get()
}

/** @param hash null for none */
export function setPullToken(
  env: Env,
  id: string,
  hash: string | null,
  now: number
): D1PreparedStatement {
  return env.DB.prepare(
    `update endpoints set pull_token_hash = ?2, updated_at = ?3 where id = ?1 and status <> 'deleted'`
  ).bind(id, hash, now)
}

/**
 * The row stays, emptied of its secrets, so that the log of what was sent stays readable. Deliveries that still
 * wait are canceled when their time comes; `resume_at` lets those that are parked come too.
 */
export function deleteEndpoint(env: Env, id: string, now: number): D1PreparedStatement {
  return env.DB.prepare(
    `update endpoints set status = 'deleted', secrets = '', disabled_reason = null, resume_at = ?2, updated_at = ?2,
       breaker = 'draining', health_rev = ?3, pull_token_hash = null, manage_token_hash = null
     where id = ?1 and status <> 'deleted'`
  ).bind(id, now, crypto.randomUUID())
}
