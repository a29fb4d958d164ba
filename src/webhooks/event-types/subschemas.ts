import { ignoredKeyword, schemaArrayKeyword, schemaMapKeyword } from '@cfworker/json-schema'
import { isObject } from '../../kit/lib/json'

export type SchemaObject = Record<string, unknown>

/**
 * Copies a schema, and replaces the schemas directly below it, as the validator finds them: the value of `const` is not
 * a schema. @param replace gets a schema and its path, such as `['properties', 'a']`
 */
export function mapSubschemas(schema: SchemaObject, replace: (below: unknown, path: string[]) => unknown) {
  return mapValues(schema, (value, key) => {
    if (Object.hasOwn(ignoredKeyword, key)) return value
    if (Array.isArray(value)) {
      const isList = Object.hasOwn(schemaArrayKeyword, key)
      return isList ? value.map((item, i) => replace(item, [key, String(i)])) : value
    }
    if (!isObject(value)) return value
    if (!Object.hasOwn(schemaMapKeyword, key)) return replace(value, [key])
    return mapValues(value, (item, name) => replace(item, [key, name]))
  })
}

/** @returns the schema, which also requires the other schemas */
export function withAll(schema: SchemaObject, others: SchemaObject[]): SchemaObject {
  return { ...schema, allOf: [...(Array.isArray(schema.allOf) ? schema.allOf : []), ...others] }
}

function mapValues(object: SchemaObject, map: (value: unknown, key: string) => unknown): SchemaObject {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, map(value, key)]))
}

/** @returns the schemas directly below a schema, each with its path */
export function subschemasOf(schema: SchemaObject): { path: string[]; schema: SchemaObject }[] {
  const found: { path: string[]; schema: SchemaObject }[] = []
  mapSubschemas(schema, (below, path) => {
    if (isObject(below)) found.push({ path, schema: below })
  })
  return found
}
