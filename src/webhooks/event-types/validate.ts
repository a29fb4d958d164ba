import { dereference, type OutputUnit, type Schema } from '@cfworker/json-schema'
import type { FieldProblem } from '../../kit/http/problem'
import { explainSchemaFault } from './explain-fault'
import { validateLimited } from './limited-validator'
import { METASCHEMA } from './metaschema'
import { type SchemaObject, subschemasOf } from './subschemas'

/** Keywords whose errors only say that something below them is wrong. */
const WRAPPERS = new Set([
  ...['$ref', 'additionalProperties', 'allOf', 'dependentSchemas', 'if', 'items', 'prefixItems', 'properties'],
  ...['propertyNames', 'unevaluatedProperties'],
])

export const MAX_FAULTS = 20
/** If a value's JSON is longer than this, validation stops early, because there may be thousands of faults. */
const LONG = 10_000

/** @param at the first part of each path. @returns up to 20 faults, which say how the value violates the schema */
export function faultsOf(schema: object, value: unknown, at: string): FieldProblem[] {
  const errors = apply(schema, value)
  const precise = errors.filter((error) => !isWrapper(error, errors))
  return (precise.length > 0 ? precise : errors).slice(0, MAX_FAULTS).map((error) => {
    const path = pathOf(error.instanceLocation)
    return { path: [at, ...path].join('.'), message: explainSchemaFault(error, path, at) }
  })
}

/** `schemaFaults` accepts some schemas, such as cyclic ones, for which the validator throws when it checks a value. */
function apply(schema: object, value: unknown): OutputUnit[] {
  try {
    return validateLimited(schema, value, JSON.stringify(value).length > LONG)
  } catch (cause) {
    const error = `The schema cannot be applied (${messageOf(cause)}). Fix the schema of this event type.`
    return [{ keyword: '', keywordLocation: '#', instanceLocation: '#', error }]
  }
}

const messageOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause))

function isWrapper({ keyword, instanceLocation }: OutputUnit, errors: OutputUnit[]): boolean {
  const below = (other: OutputUnit) =>
    !WRAPPERS.has(other.keyword) && other.instanceLocation.startsWith(instanceLocation)
  return WRAPPERS.has(keyword) && errors.some(below)
}

/** @returns the parts of a JSON pointer (RFC 6901): `items`, `0` and `a/b` for `#/items/0/a~1b` */
const pathOf = (pointer: string): string[] => pointer.split('/').slice(1).map(unescapePointer)

const unescapePointer = (part: string): string => decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~')

/** @returns what is wrong with a new schema: bad keywords, references that lead nowhere, or too many parts */
export function schemaFaults(schema: object): FieldProblem[] {
  const faults = faultsOf(METASCHEMA, schema, 'schema')
  if (faults.length > 0) return faults
  try {
    const copy = structuredClone(schema) as SchemaObject
    const known = dereference(copy as Schema)
    const found = visit(copy, ['schema'], known)
    return found.length > 0 ? found : sizeFaults(copy, known)
  } catch (cause) {
    return [{ path: 'schema', message: `This is not a valid JSON Schema: ${messageOf(cause)}.` }]
  }
}

type Known = Record<string, Schema | boolean>

function visit(schema: SchemaObject, path: string[], known: Known): FieldProblem[] {
  return [
    ...referenceFaults(schema, path, known),
    ...subschemasOf(schema).flatMap((below) => visit(below.schema, [...path, ...below.path], known)),
  ]
}

function referenceFaults({ $ref }: SchemaObject, path: string[], known: Known): FieldProblem[] {
  if (typeof $ref !== 'string' || isResolvable($ref, known)) return []
  const message = `"${$ref}" was not found. References must point to locations within this schema.`
  return [{ path: [...path, '$ref'].join('.'), message }]
}

/** The validator identifies each part of a schema by a full URL. Within one schema, only the fragment matters. */
function isResolvable(reference: string, known: Known): boolean {
  if (!reference.startsWith('#')) return false
  return reference === '#' || Object.keys(known).some((address) => address.endsWith(reference))
}

/** How many parts a schema may have, counting a part again for each reference to it. */
const MAX_PARTS = 5_000

function sizeFaults(schema: SchemaObject, known: Known): FieldProblem[] {
  if (sizeOf(schema, known, new Map()) <= MAX_PARTS) return []
  const message = `With its references resolved, the schema has more than ${MAX_PARTS.toLocaleString('en')} parts. Use fewer references.`
  return [{ path: 'schema', message }]
}

/** @param sizes the sizes of the parts that are known; 0 for a part that refers to itself */
function sizeOf(schema: SchemaObject, known: Known, sizes: Map<SchemaObject, number>): number {
  const before = sizes.get(schema)
  if (before !== undefined) return before
  sizes.set(schema, 0)
  const target = known[String(schema.__absolute_ref__)]
  const below = [...subschemasOf(schema).map((each) => each.schema), ...(typeof target === 'object' ? [target] : [])]
  const size = below.reduce((sum, each) => sum + sizeOf(each, known, sizes), 1)
  sizes.set(schema, size)
  return size
}
