import { and, desc, eq, lt, sql } from 'drizzle-orm'
import type { HealthChange } from '../core/endpoint-health'
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

/** @returns the row as it is now, or undefined when there is none */
export async function updateEndpoint(
  env: Env,
  id: string,
  changes: Partial<typeof endpoints.$inferInsert>
): Promise<EndpointRow | undefined> {
  const query = openDb(env).update(endpoints).set(changes)
  return query
    .where(and(eq(endpoints.id, id), PRESENT))
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

/**
 * The row stays, emptied of its secrets, so that the log of what was sent stays readable. Deliveries that still
 * wait are canceled when their time comes; `resume_at` lets those that are parked come too.
 */
export function deleteEndpoint(env: Env, id: string, now: number): D1PreparedStatement {
  return env.DB.prepare(
    `update endpoints set status = 'deleted', secrets = '', disabled_reason = null, resume_at = ?2, updated_at = ?2
     where id = ?1 and status <> 'deleted'`
  ).bind(id, now)
}

/** Enabling lets parked deliveries go (`resume_at`) and forgets old failures; what is enabled already stays as it is. */
export async function enableEndpoint(env: Env, id: string, now: number): Promise<void> {
  await env.DB.prepare(
    `update endpoints set status = 'enabled', disabled_reason = null, resume_at = ?2, updated_at = ?2,
       failing_since = null, consecutive_failures = 0, slow_until = null, probes = 0
     where id = ?1 and status = 'disabled'`
  )
    .bind(id, now)
    .run()
}

export async function disableEndpoint(
  env: Env,
  id: string,
  reason: 'manual',
  now: number
): Promise<void> {
  await env.DB.prepare(
    `update endpoints set status = 'disabled', disabled_reason = ?2, resume_at = null, updated_at = ?3
     where id = ?1 and status = 'enabled'`
  )
    .bind(id, reason, now)
    .run()
}

/** Endpoints whose parked deliveries may go. */
export async function listResuming(env: Env, now: number, limit: number): Promise<string[]> {
  const { results } = await env.DB.prepare(
    `select id from endpoints where resume_at is not null and resume_at <= ?1 order by resume_at limit ?2`
  )
    .bind(now, limit)
    .all<{ id: string }>()
  return results.map((row) => row.id)
}

export async function finishResuming(env: Env, id: string, now: number): Promise<void> {
  await env.DB.prepare('update endpoints set resume_at = null where id = ?1 and resume_at <= ?2')
    .bind(id, now)
    .run()
}

/** What attempts at one URL of an endpoint have changed: an answer from an old URL says nothing about a new one. */
export interface EndpointChanges {
  id: string
  url: string
  list: HealthChange[]
}

/** Health, for the batch that settles attempts: written only when it changes, and by addition, so that writers do not overwrite each other. */
export function recordHealth(
  env: Env,
  changes: EndpointChanges[],
  now: number
): D1PreparedStatement {
  const rows = changes.map(({ id, url, list }) => ({ id, url, ...summarise(list) }))
  return env.DB.prepare(
    `update endpoints set
       consecutive_failures = (case when j.value ->> 'reset' then 0 else consecutive_failures end) + (j.value ->> 'add'),
       failing_since = case when j.value ->> 'add' > 0
         then coalesce(case when j.value ->> 'reset' then null else failing_since end, ?2)
         when j.value ->> 'reset' then null else failing_since end,
       slow_until = coalesce(j.value ->> 'slow', slow_until),
       disabled_reason = case when j.value ->> 'disable' is not null and status = 'enabled'
         then j.value ->> 'disable' else disabled_reason end,
       resume_at = case when j.value ->> 'disable' is not null and status = 'enabled' then null else resume_at end,
       status = case when j.value ->> 'disable' is not null and status = 'enabled' then 'disabled' else status end
     from json_each(?1) j where endpoints.id = j.value ->> 'id' and endpoints.url = j.value ->> 'url'`
  ).bind(JSON.stringify(rows), now)
}

/** Several attempts of one endpoint in one write: a success forgets the failures before it. */
function summarise(list: HealthChange[]) {
  const sum = { reset: false, add: 0, slow: null as number | null, disable: null as string | null }
  for (const change of list) {
    if (change.failures === 'reset') {
      sum.reset = true
      sum.add = 0
    }
    if (change.failures === 'add') sum.add += 1
    sum.slow = change.slowUntil ?? sum.slow
    sum.disable = change.disable ?? sum.disable
  }
  return sum
}
