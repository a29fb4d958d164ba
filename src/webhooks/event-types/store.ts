import { portable } from '../../kit/db/portable'
import { bindUpdate, columnsOf } from '../../kit/db/sql/rows'
import { all, type Bound, first, statement } from '../../kit/db/statements'
import type { EventType } from '../rules/events/catalogue'
import { eventTypes } from '../tables/outgoing'

/* Event types that the owner has defined, in addition to the built-in ones in webhooks/rules/events/catalogue.ts. */

export type OwnTypeRow = typeof eventTypes.$inferSelect

const OWN_TYPE = columnsOf(eventTypes)

/** The condition on the name makes SQLite read the primary key in order. */
const LIST = OWN_TYPE.from("event_types where name > '' order by name")

const FIND = OWN_TYPE.from<{ name: string }>('event_types where name = :name')

const DELETE = statement<{ name: string }>(`
  delete from event_types where name = :name`)

/** Lists the owner's event types, sorted by name. There are at most MAX_OWN_TYPES. */
export const listOwnTypes = async (env: Env): Promise<OwnTypeRow[]> => all(LIST(env, {}))

export const findOwnType = async (env: Env, name: string): Promise<OwnTypeRow | null> => first(FIND(env, { name }))
export const MAX_OWN_TYPES = 100

/** Violates `event_types.name` if it is taken. If there are too many, sets `schema` to NULL: see `refuseIfNull`. */
export const insertOwnType = OWN_TYPE.insert<OwnTypeRow>({
  schema: `iif((select count(*) from event_types where name > '') < ${MAX_OWN_TYPES}, :schema, null)`,
})

/** @returns the updated row, or null if there is no such event type */
export async function updateOwnType(env: Env, name: string, changes: Partial<OwnTypeRow>): Promise<OwnTypeRow | null> {
  return first(bindUpdate(env, eventTypes, changes, `where name = :name returning ${OWN_TYPE.of()}`, { name }))
}

export const deleteOwnType = (env: Env, name: string): Bound<never> => DELETE(env, { name })

export function ownType({ name, description, schema, example }: OwnTypeRow): EventType {
  return { name, description, schema: JSON.parse(schema), example: JSON.parse(example) }
}

export const PORTABLE = portable(eventTypes, ['name description schema example created_at updated_at'])
