import type { FieldProblem } from '../../kit/http/problem'
import { isObject } from '../../kit/lib/json'
import { mapSubschemas, type SchemaObject, subschemasOf, withAll } from './subschemas'

/* Matching a pattern can take too long, so it is refused. One that an old version has stored matches anything. */

const HINTS = {
  pattern: 'Patterns are not supported. Use `enum`, `format` or `maxLength` instead.',
  patternProperties:
    'Patterns are not supported. List the names under `properties`, or limit all with `propertyNames`.',
}

/** @returns where a schema has patterns, and what to use instead */
export function patternFaults(schema: SchemaObject, path: string[]): FieldProblem[] {
  return [
    ...patternsOf(schema).map((key) => ({ path: [...path, key].join('.'), message: HINTS[key] })),
    ...subschemasOf(schema).flatMap((below) => patternFaults(below.schema, [...path, ...below.path])),
  ]
}

function patternsOf({ pattern, patternProperties }: SchemaObject): (keyof typeof HINTS)[] {
  return [
    ...(typeof pattern === 'string' ? ['pattern' as const] : []),
    ...(isObject(patternProperties) ? ['patternProperties' as const] : []),
  ]
}

/** @returns the schema itself if it has no patterns, or a copy that accepts whatever the schema accepts, and more */
export function withoutPatterns(schema: object): object {
  if (!/"pattern(Properties)?":/.test(JSON.stringify(schema))) return schema
  return patternFaults(schema as SchemaObject, []).length > 0 ? (loosen(schema, new WeakSet()) as object) : schema
}

/** @param loose collects the parts that may accept more than they did */
function loosen(schema: unknown, loose: WeakSet<object>): unknown {
  if (!isObject(schema)) return schema
  // A reference may lead to a pattern.
  let isLoose = patternsOf(schema).length > 0 || Object.hasOwn(schema, '$ref') || Object.hasOwn(schema, '$recursiveRef')
  const isLoosened = (part: unknown) => isObject(part) && loose.has(part)
  const copy = mapSubschemas(schema, (below) => {
    const part = loosen(below, loose)
    isLoose ||= isLoosened(part)
    return part
  })
  const loosened = dropPatterns(dropUncertain(copy, isLoosened))
  if (isLoose) loose.add(loosened)
  return loosened
}

/** Which properties only a pattern allowed is not known, so any other property is allowed. */
function dropPatterns(schema: SchemaObject): SchemaObject {
  const { pattern: _, patternProperties, ...rest } = schema
  if (patternsOf(schema).length === 0) return schema
  return patternProperties === undefined ? rest : { ...rest, additionalProperties: true }
}

/** Without its patterns, a part may accept a value that it refused. What forbids that is dropped, or allows both. */
function dropUncertain(schema: SchemaObject, isLoose: (part: unknown) => boolean): SchemaObject {
  const { not, oneOf, contains, if: condition, then = true, else: otherwise = true } = schema
  const isAnyLoose = Array.isArray(oneOf) && oneOf.some(isLoose)
  const dropped = new Set([
    ...(isLoose(not) ? ['not'] : []),
    ...(isLoose(contains) ? ['maxContains'] : []),
    ...(isAnyLoose ? ['oneOf'] : []),
    ...(isLoose(condition) ? ['if', 'then', 'else'] : []),
  ])
  const kept = Object.fromEntries(Object.entries(schema).filter(([key]) => !dropped.has(key)))
  return withAll(kept, [
    ...(isAnyLoose ? [{ anyOf: oneOf }] : []),
    ...(isLoose(condition) ? [{ anyOf: [{ allOf: [condition, then] }, otherwise] }] : []),
  ])
}
