import type { z } from '@hono/zod-openapi'
import { type EventType, findEventType } from '../core/events/catalogue'
import { isUniqueViolation } from '../db/client'
import { type FieldProblem, invalid, notFound, Refusal } from '../http/problem'
import type { eventTypeChange, eventTypeIn } from './schemas'
import {
  deleteOwnType,
  findOwnType,
  insertOwnType,
  listOwnTypes,
  type OwnTypeRow,
  ownType,
  updateOwnType,
} from './store'
import { faultsOf, schemaFaults } from './validate'

/*
 * What can be done with event types, for the API and the dashboard alike.
 */

export const MAX_OWN_TYPES = 100

/**
 * @returns the row to be, and the statement that makes it so, which fails when the name is taken: see `nameTaken`
 * @throws Refusal 422 for a schema that cannot be used, or an example that is not as it says; 409 when there are too many
 */
export async function planType(
  env: Env,
  input: z.infer<typeof eventTypeIn>,
  now: number
): Promise<{ row: OwnTypeRow; statement: D1PreparedStatement }> {
  requireUsable(input)
  // Two at once may make one too many, which harms nobody.
  if ((await listOwnTypes(env)).length >= MAX_OWN_TYPES) {
    const detail = `There are ${MAX_OWN_TYPES} event types of yours. Delete one that is not used.`
    throw new Refusal(409, 'too_many_types', detail)
  }
  const row = {
    name: input.name,
    description: input.description,
    created_at: now,
    updated_at: now,
    schema: JSON.stringify(input.schema),
    example: JSON.stringify(input.example),
  }
  return { row, statement: insertOwnType(env, row) }
}

/** @returns what to say to the fault of a write, if that is what it was */
export function nameTaken(cause: unknown, name: string): unknown {
  if (!isUniqueViolation(cause, 'event_types.name')) return cause
  const detail = `There is an event type ${name}. Change it, or use another name.`
  return new Refusal(409, 'name_taken', detail)
}

/** @throws Refusal 404, or 422 as when it is defined. What was published already stays as it is */
export async function changeType(
  env: Env,
  name: string,
  change: z.infer<typeof eventTypeChange>,
  now: number
): Promise<OwnTypeRow> {
  const before = await requireOwnType(env, name)
  const type = ownType(before)
  const { description = type.description, schema = type.schema, example = type.example } = change
  requireUsable({ schema, example })
  const after = {
    ...before,
    description,
    updated_at: now,
    schema: JSON.stringify(schema),
    example: JSON.stringify(example),
  }
  const row = await updateOwnType(env, after)
  if (!row) throw notFound('event type')
  return row
}

/** @throws Refusal 404 */
export async function removeType(env: Env, name: string): Promise<void> {
  if (!(await deleteOwnType(env, name))) throw notFound('event type')
}

/** @throws Refusal 404 */
export async function requireOwnType(env: Env, name: string): Promise<OwnTypeRow> {
  const row = await findOwnType(env, name)
  if (!row) throw notFound('event type')
  return row
}

/** @returns a type of the catalogue or of the owner's; undefined when nobody has said what it is */
export async function findType(env: Env, name: string): Promise<EventType | undefined> {
  const known = findEventType(name)
  if (known) return known
  const own = await findOwnType(env, name)
  return own ? ownType(own) : undefined
}

/** A type that nobody has described may have any data. @throws Refusal 422 with the paths of the faults */
export async function requireValidData(env: Env, name: string, data: unknown): Promise<void> {
  const type = await findType(env, name)
  const faults = type ? faultsOf(type.schema, data, 'data') : []
  if (faults.length > 0) throw invalid(faults)
}

function requireUsable({ schema, example }: { schema: object; example: unknown }): void {
  const faults: FieldProblem[] = schemaFaults(schema)
  if (faults.length > 0) throw invalid(faults)
  const unlike = faultsOf(schema, example, 'example')
  if (unlike.length > 0) throw invalid(unlike)
}
