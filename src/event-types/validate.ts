import { dereference, type OutputUnit, type Schema, Validator } from '@cfworker/json-schema'
import type { FieldProblem } from '../http/problem'
import { explainFault } from './explain-fault'

/** The version of JSON Schema to use for a schema that does not name one. */
const DRAFT = '2020-12'

/** Keywords whose errors only say that something below them is wrong. */
const WRAPPERS = new Set([
  '$ref',
  'additionalProperties',
  'allOf',
  'dependentSchemas',
  'if',
  'items',
  'patternProperties',
  'prefixItems',
  'properties',
  'unevaluatedProperties',
])

const MAX_FAULTS = 20
/** If a value's JSON is longer than this, validation stops early, because there may be thousands of faults. */
const LONG = 10_000

/**
 * Validates a value.
 * @param at the name of the value in the request, which is the first part of each path
 * @returns at most 20 faults, each of which says how the value violates the schema; none if the value is valid
 */
export function faultsOf(schema: object, value: unknown, at: string): FieldProblem[] {
  const errors = apply(schema, value)
  const precise = errors.filter((error) => !isWrapper(error, errors))
  return (precise.length > 0 ? precise : errors).slice(0, MAX_FAULTS).map((error) => {
    const path = pathOf(error.instanceLocation)
    return { path: [at, ...path].join('.'), message: explainFault(error, path, at) }
  })
}

/** `schemaFaults` accepts some schemas, such as cyclic ones, for which the validator throws when it checks a value. */
function apply(schema: object, value: unknown): OutputUnit[] {
  const isLong = JSON.stringify(value).length > LONG
  try {
    return new Validator(schema as Schema, DRAFT, isLong).validate(value).errors
  } catch (cause) {
    const error = `The schema cannot be applied (${messageOf(cause)}). Fix the schema of this event type.`
    return [{ keyword: '', keywordLocation: '#', instanceLocation: '#', error }]
  }
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}

function isWrapper({ keyword, instanceLocation }: OutputUnit, errors: OutputUnit[]): boolean {
  const below = (other: OutputUnit) =>
    !WRAPPERS.has(other.keyword) && other.instanceLocation.startsWith(instanceLocation)
  return WRAPPERS.has(keyword) && errors.some(below)
}

/** @returns the parts of a JSON pointer (RFC 6901): `items`, `0` and `a/b` for `#/items/0/a~1b` */
function pathOf(pointer: string): string[] {
  return pointer.split('/').slice(1).map(unescapePointer)
}

function unescapePointer(part: string): string {
  return decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~')
}

/**
 * Checks a schema when it is defined, because the validator throws only when a value reaches the fault.
 * @returns the references and regular expressions that cannot be used
 */
export function schemaFaults(schema: object): FieldProblem[] {
  try {
    const known = new Set(Object.keys(dereference(schema as Schema)))
    return visit(schema, 'schema', known)
  } catch (cause) {
    return [{ path: 'schema', message: `This is not a valid JSON Schema: ${messageOf(cause)}.` }]
  }
}

function visit(value: unknown, path: string, known: Set<string>): FieldProblem[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) => [
    ...faultAt(key, inner, `${path}.${key}`, known),
    ...visit(inner, `${path}.${key}`, known),
  ])
}

function faultAt(key: string, value: unknown, path: string, known: Set<string>): FieldProblem[] {
  if (key === '$ref' && typeof value === 'string' && !isResolvable(value, known)) {
    const message = `"${value}" was not found. References must point to locations within this schema.`
    return [{ path, message }]
  }
  return patternsIn(key, value)
    .filter((pattern) => !isPattern(pattern))
    .map((pattern) => ({ path, message: `"${pattern}" is not a valid regular expression.` }))
}

function patternsIn(key: string, value: unknown): string[] {
  if (key === 'pattern' && typeof value === 'string') return [value]
  return key === 'patternProperties' ? Object.keys(value ?? {}) : []
}

/** The validator identifies each part of a schema by a full URL. Within one schema, only the fragment matters. */
function isResolvable(reference: string, known: Set<string>): boolean {
  if (!reference.startsWith('#')) return false
  return reference === '#' || [...known].some((address) => address.endsWith(reference))
}

function isPattern(text: string): boolean {
  try {
    new RegExp(text, 'u')
    return true
  } catch (cause) {
    if (cause instanceof SyntaxError) return false
    throw cause
  }
}
