import type * as z from 'zod'
import { batch, isUniqueViolation } from '../../kit/db/statements'
import { eraseAnswers } from '../../kit/http/act-once'
import {
  changedMeanwhile,
  conflict,
  type FieldProblem,
  invalid,
  notFound,
  orNotFound,
  Refusal,
  refuseIfNull,
} from '../../kit/http/problem'
import { isChanged } from '../../kit/lib/changed'
import { type EventType, findEventType } from '../rules/events/catalogue'
import { patternFaults } from './patterns'
import type { eventTypeChange, eventTypeIn } from './schemas'
import {
  deleteOwnType,
  findOwnType,
  insertOwnType,
  MAX_OWN_TYPES,
  type OwnTypeRow,
  ownType,
  updateOwnType,
} from './store'
import { faultsOf, MAX_FAULTS, schemaFaults } from './validate'

/* The operations on event types that the API and the dashboard share. */

/** Writes nothing: run the statement inside `refuseTakenEventType`. @throws Refusal 422 for a bad schema or example */
export function planType(env: Env, input: z.infer<typeof eventTypeIn>, now: number) {
  refusePatterns(input.schema)
  requireUsable(input)
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

/** @param write inserts the type. @throws Refusal 409 if the name is taken or there are too many. Nothing is written */
export async function refuseTakenEventType<T>(name: string, write: () => Promise<T>): Promise<T> {
  try {
    return await refuseIfNull({ 'event_types.schema': tooManyTypes }, write)
  } catch (cause) {
    if (!isUniqueViolation(cause, 'event_types.name')) throw cause
    const detail = `The event type ${name} already exists. Edit it, or choose another name.`
    throw conflict('name_taken', 'name', detail)
  }
}

function tooManyTypes(): Refusal {
  const detail = `You have ${MAX_OWN_TYPES} event types, which is the limit. Delete one that you no longer use.`
  return new Refusal(409, 'too_many_types', detail)
}

/**
 * Messages that were published stay as they are.
 * @returns the row before and after
 * @throws Refusal 404, or 422 as `planType`
 */
export async function changeType(env: Env, name: string, change: z.infer<typeof eventTypeChange>, now: number) {
  const before = await requireOwnType(env, name)
  const type = ownType(before)
  const { description = type.description, schema = type.schema, example = type.example } = change
  if (change.schema) refusePatterns(change.schema)
  requireUsable({ schema, example })
  const after = { description, schema: JSON.stringify(schema), example: JSON.stringify(example) }
  if (!isChanged(before, after)) return { before, row: before }
  const row = await updateOwnType(env, before, { ...after, updated_at: now })
  if (row) return { before, row }
  await requireOwnType(env, name)
  throw changedMeanwhile('The event type has changed')
}

/** @throws Refusal 404 */
export async function removeType(env: Env, name: string): Promise<void> {
  const [deleted] = await batch(env, [deleteOwnType(env, name), eraseAnswers(env, name)])
  if (deleted.meta.changes === 0) throw notFound('event type')
}

/** @throws Refusal 404 */
export async function requireOwnType(env: Env, name: string): Promise<OwnTypeRow> {
  return orNotFound(await findOwnType(env, name), 'event type')
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

function refusePatterns(schema: Record<string, unknown>): void {
  const faults = patternFaults(schema, ['schema'])
  if (faults.length > 0) throw invalid(faults.slice(0, MAX_FAULTS))
}

/** @throws Refusal 422 for a bad schema, or an example that does not match it. Schemas of old versions have patterns */
export function requireUsable({ schema, example }: { schema: object; example: unknown }): void {
  const faults = schemaFaults(schema)
  if (faults.length > 0) throw invalid(faults)
  const mismatches = faultsOf(schema, example, 'example')
  if (mismatches.length > 0) throw invalid(mismatches.map(ofExample))
}

function ofExample({ path, message }: FieldProblem): FieldProblem {
  return { path, message: `The example does not match the schema: ${message}` }
}
