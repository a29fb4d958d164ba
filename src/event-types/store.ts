import { asc, eq, gt } from 'drizzle-orm'
import type { EventType } from '../core/events/catalogue'
import { eventTypes } from '../db/schema'
import { all, type Bound, compile, first, type Placeholders, query, run, value } from '../db/statements'

/*
 * Event types that the owner defines, in addition to the built-in ones in core/events/catalogue.ts.
 */

export type OwnTypeRow = typeof eventTypes.$inferSelect
type OwnTypeChange = Omit<OwnTypeRow, 'created_at'>

/** The condition on the name makes SQLite read the primary key in order. */
const LIST = compile(() => query.select().from(eventTypes).where(gt(eventTypes.name, '')).orderBy(asc(eventTypes.name)))

const FIND = compile((p: Placeholders<{ name: string }>) =>
  query.select().from(eventTypes).where(eq(eventTypes.name, p.name))
)

const INSERT = compile((p: Placeholders<OwnTypeRow>) =>
  query.insert(eventTypes).values({
    name: p.name,
    description: p.description,
    created_at: p.created_at,
    updated_at: p.updated_at,
    schema: p.schema,
    example: p.example,
  })
)

const UPDATE = compile((p: Placeholders<OwnTypeChange>) =>
  query
    .update(eventTypes)
    .set({
      description: value(p.description),
      updated_at: value(p.updated_at),
      schema: value(p.schema),
      example: value(p.example),
    })
    .where(eq(eventTypes.name, p.name))
    .returning()
)

const DELETE = compile((p: Placeholders<{ name: string }>) =>
  query.delete(eventTypes).where(eq(eventTypes.name, p.name))
)

/** Lists event types by name, at most MAX_OWN_TYPES. */
export async function listOwnTypes(env: Env): Promise<OwnTypeRow[]> {
  return all(LIST(env, {}))
}

export async function findOwnType(env: Env, name: string): Promise<OwnTypeRow | null> {
  return first(FIND(env, { name }))
}

/** Fails on `event_types.name` if the name is taken. */
export function insertOwnType(env: Env, row: OwnTypeRow): Bound<never> {
  return INSERT(env, row)
}

/** @returns the changed row, or null if there is none */
export async function updateOwnType(env: Env, change: OwnTypeChange): Promise<OwnTypeRow | null> {
  return first(UPDATE(env, change))
}

/** @returns false if there is none */
export async function deleteOwnType(env: Env, name: string): Promise<boolean> {
  return (await run(DELETE(env, { name }))) > 0
}

export function ownType({ name, description, schema, example }: OwnTypeRow): EventType {
  return { name, description, schema: JSON.parse(schema), example: JSON.parse(example) }
}
