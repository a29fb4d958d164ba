import { and, desc, eq, lt, sql } from 'drizzle-orm'
import { type books, endpoints } from '../db/schema'
import {
  all,
  type Bound,
  bindQuery,
  compile,
  first,
  type Placeholders,
  query,
  statement,
  value,
} from '../db/statements'
import { newRev, type StoredHealth } from './health'

export type EndpointRow = typeof endpoints.$inferSelect
/** A new endpoint has no failures and no pull token. */
export type NewEndpoint = Omit<EndpointRow, keyof StoredHealth | 'pull_token_hash'>

/** Written out, because SQLite uses a partial index only for a literal condition. */
const IS_PRESENT = sql`status <> 'deleted'`

const INSERT = compile((p: Placeholders<NewEndpoint>) =>
  query.insert(endpoints).values({
    id: p.id,
    status: p.status,
    disabled_reason: p.disabled_reason,
    disabled_at: p.disabled_at,
    url: p.url,
    description: p.description,
    event_types: p.event_types,
    created_at: p.created_at,
    updated_at: p.updated_at,
    secrets: p.secrets,
    rate_limit: p.rate_limit,
    books: p.books,
    format: p.format,
    legacy_signature: p.legacy_signature,
    headers: p.headers,
    manage_token_hash: p.manage_token_hash,
  })
)

export function insertEndpoint(env: Env, row: NewEndpoint): Bound<never> {
  return INSERT(env, row)
}

const FIND = compile((p: Placeholders<{ id: string }>) =>
  query
    .select()
    .from(endpoints)
    .where(and(eq(endpoints.id, p.id), IS_PRESENT))
)

/** @returns null if the endpoint does not exist or was deleted */
export async function findEndpoint(env: Env, id: string): Promise<EndpointRow | null> {
  return first(FIND(env, { id }))
}

const LIST = compile((p: Placeholders<{ before: string; limit: number }>) =>
  query
    .select()
    .from(endpoints)
    .where(and(IS_PRESENT, lt(endpoints.id, p.before)))
    .orderBy(desc(endpoints.id))
    .limit(p.limit)
)

/** Lists endpoints, newest first. @param before an id, exclusive */
export async function listEndpoints(env: Env, before: string | undefined, limit: number): Promise<EndpointRow[]> {
  return all(LIST(env, { before: before ?? '~', limit }))
}

const FIND_BY_MANAGE_TOKEN = compile((p: Placeholders<{ hash: string }>) =>
  query
    .select()
    .from(endpoints)
    .where(and(eq(endpoints.manage_token_hash, p.hash), IS_PRESENT))
)

export async function findByManageToken(env: Env, hash: string): Promise<EndpointRow | null> {
  return first(FIND_BY_MANAGE_TOKEN(env, { hash }))
}

const LIST_SELF_REGISTERED = statement<Record<string, never>, Pick<EndpointRow, 'url'>>(`
  select url
  from endpoints indexed by endpoints_managed
  where manage_token_hash is not null`)

/** Lists the URLs that integrators registered. Registration limits their number. */
export async function listSelfRegistered(env: Env): Promise<string[]> {
  const rows = await all(LIST_SELF_REGISTERED(env, {}))
  return rows.map(({ url }) => url)
}

/** Columns to change. Undefined leaves a column as it is. */
export type EndpointChanges = { [K in keyof EndpointRow]?: EndpointRow[K] | undefined }

/**
 * Changes an endpoint.
 * @param secrets if given, the endpoint is changed only if its column still has this value
 * @returns the changed row, or null if no row was changed
 */
export async function updateEndpoint(
  env: Env,
  id: string,
  changes: EndpointChanges,
  secrets?: string
): Promise<EndpointRow | null> {
  const isUnchanged = secrets === undefined ? undefined : eq(endpoints.secrets, secrets)
  const update = query
    .update(endpoints)
    .set(changes)
    .where(and(eq(endpoints.id, id), IS_PRESENT, isUnchanged))
    .returning()
  return first(bindQuery(env, update))
}

type PullToken = Pick<EndpointRow, 'id' | 'pull_token_hash' | 'updated_at'>

const SET_PULL_TOKEN = compile((p: Placeholders<PullToken>) =>
  query
    .update(endpoints)
    .set({ pull_token_hash: value(p.pull_token_hash), updated_at: value(p.updated_at) })
    .where(and(eq(endpoints.id, p.id), IS_PRESENT))
)

/** @param pull_token_hash null to remove the token */
export function setPullToken(env: Env, id: string, pull_token_hash: string | null, now: number): Bound<never> {
  return SET_PULL_TOKEN(env, { id, pull_token_hash, updated_at: now })
}

const DELETE = compile((p: Placeholders<{ id: string; now: number; health_rev: string }>) =>
  query
    .update(endpoints)
    .set({
      status: 'deleted',
      secrets: '',
      disabled_reason: null,
      breaker: 'draining',
      resume_at: value(p.now),
      health_rev: value(p.health_rev),
      pull_token_hash: null,
      manage_token_hash: null,
      updated_at: value(p.now),
    })
    .where(and(eq(endpoints.id, p.id), IS_PRESENT))
)

/**
 * Deletes an endpoint. Its row stays without secrets, so that the log stays readable. A pending delivery is canceled
 * when it is due; `resume_at` makes parked deliveries due now.
 */
export function deleteEndpoint(env: Env, id: string, now: number): Bound<never> {
  return DELETE(env, { id, now, health_rev: newRev() })
}

const FIND_UNKNOWN_BOOKS = statement<{ slugs: string }, Pick<typeof books.$inferSelect, 'slug'>>(`
  select value as slug
  from json_each(:slugs)
  where value not in (select slug from books)`)

/** @returns those of the slugs that no book has */
export async function findUnknownBooks(env: Env, slugs: string[]): Promise<string[]> {
  const rows = await all(FIND_UNKNOWN_BOOKS(env, { slugs: JSON.stringify(slugs) }))
  return rows.map(({ slug }) => slug)
}

const SEALED = `
  select id, secrets as sealed
  from endpoints indexed by endpoints_sealed
  where secrets <> ''`

/**
 * Encrypts secrets again after SECRETS_KEY was changed. `find` returns the rows whose ciphertext does not start with
 * `prefix`, the mark of the current key. `replace` takes a JSON list of {id, sealed, again} and skips rows that changed
 * meanwhile.
 */
export const RESEAL = {
  find: statement<{ prefix: string; limit: number }, { id: string; sealed: string }>(`
  ${SEALED} and substr(secrets, 1, 8) < :prefix
  union all
  ${SEALED} and substr(secrets, 1, 8) > :prefix
  limit :limit`),
  replace: statement<{ boxes: string }>(`
  update endpoints
  set secrets = j.value ->> 'again'
  from json_each(:boxes) j
  where endpoints.id = j.value ->> 'id' and endpoints.secrets = j.value ->> 'sealed'`),
}
