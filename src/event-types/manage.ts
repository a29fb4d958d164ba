import type { z } from '@hono/zod-openapi'
import { type EventType, findEventType } from '../core/events/catalogue'
import { type Bound, isUniqueViolation } from '../db/statements'
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

/* The operations on event types that the API and the dashboard share. */

const MAX_OWN_TYPES = 100

/**
 * Plans a new event type, without writing anything yet.
 * @returns the row, and the statement that inserts it. The statement fails if the name is taken: see `nameTaken`
 * @throws Refusal 422 if the schema cannot be used or the example does not match it, or 409 if there are too many types
 */
export async function planType(
  env: Env,
  input: z.infer<typeof eventTypeIn>,
  now: number
): Promise<{ row: OwnTypeRow; statement: Bound<never> }> {
  requireUsable(input)
  // Accepted race: two simultaneous requests may exceed the limit by one.
  if ((await listOwnTypes(env)).length >= MAX_OWN_TYPES) {
    const detail = `You have ${MAX_OWN_TYPES} event types, which is the limit. Delete one that you no longer use.`
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

/** @returns Refusal 409 if the insert failed because the name is taken, otherwise the original error */
export function nameTaken(cause: unknown, name: string): unknown {
  if (!isUniqueViolation(cause, 'event_types.name')) return cause
  const detail = `The event type ${name} already exists. Edit it, or choose another name.`
  return new Refusal(409, 'name_taken', detail)
}

/**
 * Changes an event type. Messages that have already been published do not change.
 * @throws Refusal 404, or 422 if the schema cannot be used or the example does not match it
 */
export async function changeType(
  env: Env,
  name: string,
  change: z.infer<typeof eventTypeChange>,
  now: number
): Promise<OwnTypeRow> {
  const before = ownType(await requireOwnType(env, name))
  const { description = before.description, schema = before.schema, example = before.example } = change
  requireUsable({ schema, example })
  const texts = { schema: JSON.stringify(schema), example: JSON.stringify(example) }
  const row = await updateOwnType(env, name, { ...texts, description, updated_at: now })
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

/** @returns the built-in or owner-defined event type with this name, or undefined */
export async function findType(env: Env, name: string): Promise<EventType | undefined> {
  const builtIn = findEventType(name)
  if (builtIn) return builtIn
  const own = await findOwnType(env, name)
  return own ? ownType(own) : undefined
}

/** Checks data against the schema of its event type. Any data is valid for an undefined type. @throws Refusal 422 */
export async function requireValidData(env: Env, name: string, data: unknown): Promise<void> {
  const type = await findType(env, name)
  const faults = type ? faultsOf(type.schema, data, 'data') : []
  if (faults.length > 0) throw invalid(faults)
}

function requireUsable({ schema, example }: { schema: object; example: unknown }): void {
  const faults = schemaFaults(schema)
  if (faults.length > 0) throw invalid(faults)
  const mismatches = faultsOf(schema, example, 'example')
  if (mismatches.length > 0) throw invalid(mismatches.map(ofExample))
}

function ofExample({ path, message }: FieldProblem): FieldProblem {
  return { path, message: `The example does not match the schema: ${message}` }
}
