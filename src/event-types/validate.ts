import { dereference, type OutputUnit, type Schema, Validator } from '@cfworker/json-schema'
import type { FieldProblem } from '../http/problem'

/** The version of JSON Schema, for a schema that names none. */
const DRAFT = '2020-12'

/** What only says that something below is at fault. */
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

/**
 * @param at what the value is called in the request, for the paths
 * @returns what of the value is not as the schema says; nothing when all is
 */
export function faultsOf(schema: object, value: unknown, at: string): FieldProblem[] {
  const { valid, errors } = apply(schema, value)
  if (valid) return []
  const precise = errors.filter((error) => !isWrapper(error, errors))
  return (precise.length > 0 ? precise : errors).slice(0, MAX_FAULTS).map((error) => ({
    path: `${at}${pathOf(error.instanceLocation)}`,
    message: error.error,
  }))
}

/** A long list of faults helps nobody, and a long value may have as many faults as it has parts. */
const MAX_FAULTS = 20
const LONG = 10_000

/** A schema may say what the validator cannot do (a cycle, a keyword with a value that is none): that is a fault of the owner's, found when it gets there. */
function apply(schema: object, value: unknown): { valid: boolean; errors: OutputUnit[] } {
  const isLong = JSON.stringify(value).length > LONG
  try {
    return new Validator(schema as Schema, DRAFT, isLong).validate(value)
  } catch (cause) {
    const error = `The schema cannot be applied to this (${cause instanceof Error ? cause.message : cause}). Mend the schema of this event type.`
    const unit = { keyword: '', keywordLocation: '#', instanceLocation: '#', error }
    return { valid: false, errors: [unit] }
  }
}

function isWrapper({ keyword, instanceLocation }: OutputUnit, errors: OutputUnit[]): boolean {
  const below = (other: OutputUnit) =>
    !WRAPPERS.has(other.keyword) && other.instanceLocation.startsWith(instanceLocation)
  return WRAPPERS.has(keyword) && errors.some(below)
}

/** `#/items/0/a~1b` to `.items.0.a/b` (RFC 6901). */
function pathOf(pointer: string): string {
  const parts = pointer.split('/').slice(1).map(unescapePointer)
  return parts.map((part) => `.${part}`).join('')
}

function unescapePointer(part: string): string {
  return decodeURI(part).replaceAll('~1', '/').replaceAll('~0', '~')
}

/** Keywords whose value is a regular expression, or an object with them as keys. */
const PATTERN = 'pattern'
const PATTERNS = 'patternProperties'

/**
 * The validator finds out what is wrong with a schema when it gets there, which must not be when a message is to be accepted.
 * @returns what would throw then: references that lead nowhere, and patterns that are none
 */
export function schemaFaults(schema: object): FieldProblem[] {
  try {
    const known = new Set(Object.keys(dereference(schema as Schema)))
    return visit(schema, 'schema', known)
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause)
    return [{ path: 'schema', message: `That is no schema: ${message}.` }]
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
  if (key === '$ref' && typeof value === 'string' && !leadsSomewhere(value, known))
    return [{ path, message: `"${value}" leads nowhere: only what is in this schema can be used.` }]
  const patterns = key === PATTERN ? [value] : key === PATTERNS ? Object.keys(value ?? {}) : []
  return patterns
    .filter((pattern) => typeof pattern === 'string' && !isPattern(pattern))
    .map((pattern) => ({ path, message: `"${pattern}" is no regular expression.` }))
}

/** The validator keeps what can be referred to under whole addresses; the fragment is what counts here. */
function leadsSomewhere(reference: string, known: Set<string>): boolean {
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
