import { asc, eq, gt } from 'drizzle-orm'
import type { EventType } from '../core/events/catalogue'
import { eventTypes } from '../db/schema'
import { all, type Bound, bindQuery, compile, first, type Placeholders, query, run } from '../db/statements'

/* Event types that the owner has defined, in addition to the built-in ones in core/events/catalogue.ts. */

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

/** The statement violates the unique key `event_types.name` if the name is taken. */
export function insertOwnType(env: Env, row: OwnTypeRow): Bound<never> {
  return bindQuery(env, query.insert(eventTypes).values(row))
}

/** @returns the updated row, or null if there is no such event type */
export async function updateOwnType(env: Env, name: string, changes: Partial<OwnTypeRow>): Promise<OwnTypeRow | null> {
  return first(bindQuery(env, query.update(eventTypes).set(changes).where(eq(eventTypes.name, name)).returning()))
}

/** @returns false if there is no such event type */
export async function deleteOwnType(env: Env, name: string): Promise<boolean> {
  return (await run(DELETE(env, { name }))) > 0
}

export function ownType({ name, description, schema, example }: OwnTypeRow): EventType {
  return { name, description, schema: JSON.parse(schema), example: JSON.parse(example) }
}
