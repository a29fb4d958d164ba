import { portable } from '../../kit/db/portable'
import { bindUpdate, columnsOf } from '../../kit/db/rows'
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

const IS_SAME = 'name = :name and schema = :schema and example = :example and description = :description'

/** @returns the updated row, or null if it is not as before: a schema and an example must fit */
export async function updateOwnType(env: Env, before: OwnTypeRow, changes: Partial<OwnTypeRow>) {
  return first<OwnTypeRow>(bindUpdate(env, eventTypes, changes, `where ${IS_SAME} returning ${OWN_TYPE.of()}`, before))
}

export const deleteOwnType = (env: Env, name: string): Bound<never> => DELETE(env, { name })

export function ownType({ name, description, schema, example }: OwnTypeRow): EventType {
  return { name, description, schema: JSON.parse(schema), example: JSON.parse(example) }
}

export const PORTABLE_EVENT_TYPES = portable(eventTypes, [
  'name',
  'description',
  'schema',
  'example',
  'created_at',
  'updated_at',
])
