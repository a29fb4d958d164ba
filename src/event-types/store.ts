import type { EventType } from '../core/events/catalogue'

/*
 * The table of event types that the owner defines, beside those of the catalogue.
 */

export interface OwnTypeRow {
  name: string
  description: string
  created_at: number
  updated_at: number
  /** JSON. */
  schema: string
  /** JSON. */
  example: string
}

const COLUMNS = 'name, description, created_at, updated_at, schema, example'

/** By name. There are never more than MAX_OWN_TYPES. */
export async function listOwnTypes(env: Env): Promise<OwnTypeRow[]> {
  const { results } = await env.DB.prepare(
    `select ${COLUMNS} from event_types where name > '' order by name`
  ).all<OwnTypeRow>()
  return results
}

export async function findOwnType(env: Env, name: string): Promise<OwnTypeRow | null> {
  return env.DB.prepare(`select ${COLUMNS} from event_types where name = ?1`)
    .bind(name)
    .first<OwnTypeRow>()
}

/** Fails on `event_types.name` when the name is taken. */
export function insertOwnType(env: Env, row: OwnTypeRow): D1PreparedStatement {
  return env.DB.prepare(
    `insert into event_types (${COLUMNS}) values (?1, ?2, ?3, ?3, ?4, ?5)`
  ).bind(row.name, row.description, row.created_at, row.schema, row.example)
}

/** @returns the row as it is now, or null when there is none */
export async function updateOwnType(env: Env, row: OwnTypeRow): Promise<OwnTypeRow | null> {
  return env.DB.prepare(
    `update event_types set description = ?2, updated_at = ?3, schema = ?4, example = ?5
     where name = ?1 returning ${COLUMNS}`
  )
    .bind(row.name, row.description, row.updated_at, row.schema, row.example)
    .first<OwnTypeRow>()
}

/** @returns whether there was one */
export async function deleteOwnType(env: Env, name: string): Promise<boolean> {
  const { meta } = await env.DB.prepare('delete from event_types where name = ?1').bind(name).run()
  return meta.changes > 0
}

export function ownType({ name, description, schema, example }: OwnTypeRow): EventType {
  return { name, description, schema: JSON.parse(schema), example: JSON.parse(example) }
}
