import { asc, eq, gt, sql } from 'drizzle-orm'
import { portable } from '../../kit/db/portable'
import { all, type Bound, bindQuery, compile, first, type Placeholders, query } from '../../kit/db/statements'
import type { EventType } from '../rules/events/catalogue'
import { eventTypes } from '../tables/outgoing'

/* Event types that the owner has defined, in addition to the built-in ones in webhooks/rules/events/catalogue.ts. */

export type OwnTypeRow = typeof eventTypes.$inferSelect

/** The condition on the name makes SQLite read the primary key in order. */
const LIST = compile(() => query.select().from(eventTypes).where(gt(eventTypes.name, '')).orderBy(asc(eventTypes.name)))

const FIND = compile((p: Placeholders<{ name: string }>) =>
  query.select().from(eventTypes).where(eq(eventTypes.name, p.name))
)

const DELETE = compile((p: Placeholders<{ name: string }>) =>
  query.delete(eventTypes).where(eq(eventTypes.name, p.name))
)

/** Lists the owner's event types, sorted by name. There are at most MAX_OWN_TYPES. */
export async function listOwnTypes(env: Env): Promise<OwnTypeRow[]> {
  return all(LIST(env, {}))
}

export async function findOwnType(env: Env, name: string): Promise<OwnTypeRow | null> {
  return first(FIND(env, { name }))
}

export const MAX_OWN_TYPES = 100

const IS_ROOM = sql.raw(`((select count(*) from event_types where name > '') < ${MAX_OWN_TYPES})`)

/**
 * The statement violates the unique key `event_types.name` if the name is taken. If there are too many event types, it
 * sets `schema` to NULL and fails: see `refuseIfNull` in kit/http/problem.ts.
 */
export function insertOwnType(env: Env, row: OwnTypeRow): Bound<never> {
  const schema = sql`iif(${IS_ROOM}, ${row.schema}, null)`
  return bindQuery(env, query.insert(eventTypes).values({ ...row, schema }))
}

/** @returns the updated row, or null if there is no such event type */
export async function updateOwnType(env: Env, name: string, changes: Partial<OwnTypeRow>): Promise<OwnTypeRow | null> {
  return first(bindQuery(env, query.update(eventTypes).set(changes).where(eq(eventTypes.name, name)).returning()))
}

export function deleteOwnType(env: Env, name: string): Bound<never> {
  return DELETE(env, { name })
}

export function ownType({ name, description, schema, example }: OwnTypeRow): EventType {
  return { name, description, schema: JSON.parse(schema), example: JSON.parse(example) }
}

export const PORTABLE = portable(eventTypes, ['name', 'description', 'schema', 'example', 'created_at', 'updated_at'])
