import { idOf, valueFor } from './example-values'
import { type Document, nameOf, type Operation, type Schema, schemaAt } from './read-document'

/*
 * Example values and curl commands. The values come from the document: its own examples first, then those of
 * example-values.ts, then defaults.
 */

/** An example has no values that are nested deeper than this. */
const MAX_DEPTH = 6

/** @returns a value that the schema describes, as far as the schema can say that */
export function exampleOf(document: Document, schema: Schema, depth = 0, within: string | null = null): unknown {
  const found = schemaAt(document, schema)
  const owner = ownerOf(schema, found) ?? within
  const { example, default: initial, const: constant, enum: values } = found
  for (const value of [example, constant, initial]) if (value !== undefined) return value
  if (values) return values[0]
  if (depth > MAX_DEPTH) return {}
  const [first] = found.anyOf ?? found.oneOf ?? []
  if (first) return exampleOf(document, first, depth + 1, owner)
  const { properties } = flat(document, found)
  if (properties) return exampleObject(document, properties, depth, owner)
  if (found.prefixItems) return found.prefixItems.map((one) => exampleOf(document, one, depth + 1))
  if (found.items) return [exampleOf(document, found.items, depth + 1)]
  return exampleOfType(found)
}

/** Of a schema that extends another one, the fields belong to the other one. */
function ownerOf(schema: Schema, { allOf = [] }: Schema): string | null {
  return allOf.map(nameOf).find((name) => name !== null) ?? nameOf(schema)
}

type Fields = Record<string, Schema>

function exampleObject(document: Document, properties: Fields, depth: number, owner: string | null): object {
  const entries = Object.entries(properties)
  const object: Record<string, unknown> = Object.fromEntries(
    entries.map(([name, one]) => [name, namedExample(document, name, one, depth + 1, owner)])
  )
  // The cursor of a page is the ID of the last item.
  const [item] = Array.isArray(object.data) ? object.data : []
  return item && 'next' in object ? { ...object, next: item.id ?? item.message_id ?? null } : object
}

/** The name of a field says more than its type, `string`, does. */
function namedExample(document: Document, name: string, schema: Schema, depth: number, owner: string | null): unknown {
  const { example, type } = schemaAt(document, schema)
  const value = valueFor(owner, name)
  return example === undefined && fits(value, type) ? value : exampleOf(document, schema, depth, owner)
}

/** The same name can mean something else in another schema. */
function fits(value: unknown, type: Schema['type'] = []): boolean {
  const kind = value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value
  return [type].flat().some((one) => (one === 'integer' ? 'number' : one) === kind)
}

function exampleOfType({ type, format, minimum = 0 }: Schema): unknown {
  const [name] = [type ?? 'object'].flat()
  if (name === 'integer' || name === 'number') return minimum
  if (name === 'boolean') return false
  if (name === 'array') return []
  if (name === 'object') return {}
  if (name === 'null') return null
  return format === 'date-time' ? '2026-11-24T10:00:00.000Z' : 'text'
}

/** @returns the schema with the fields of all schemas that it consists of */
export function flat(document: Document, schema: Schema): Schema {
  if (!schema.allOf) return schema
  const parts = schema.allOf.map((one) => flat(document, schemaAt(document, one)))
  const properties = Object.assign({}, ...parts.map((part) => part.properties ?? {}), schema.properties ?? {})
  return { ...schema, properties, required: [...parts, schema].flatMap(({ required = [] }) => required) }
}

/** @returns the body of an example request: the fields that are required or have an example, or else the first one */
export function exampleRequest(document: Document, schema: Schema): unknown {
  const { properties = {}, required = [], example } = flat(document, schemaAt(document, schema))
  if (example !== undefined) return example
  const all = Object.entries(properties)
  const kept = all.filter(([name, one]) => required.includes(name) || schemaAt(document, one).example !== undefined)
  return exampleObject(document, Object.fromEntries(kept.length > 0 ? kept : all.slice(0, 1)), 0, nameOf(schema))
}

/** The example for `{id}` in a path depends on the part of the path before it. */
const PATH_IDS: Record<string, string> = {
  comments: 'cmt',
  endpoints: 'ep',
  messages: 'msg',
  deliveries: 'ep',
  bans: 'ban',
  jobs: 'job',
  keys: 'key',
  sources: 'src',
  inbound: 'in',
  import: 'imp',
  in: 'hook',
}
const PATH_NAMES: Record<string, string> = { books: 'main', 'event-types': 'invoice.paid', sessions: '7f3a...' }

/** @returns a path with an example in place of each parameter */
export function examplePath(path: string): string {
  return path.replace(/([\w-]+)\/\{\w+\}/g, (_, what: string) => {
    const prefix = PATH_IDS[what]
    return `${what}/${prefix === undefined ? (PATH_NAMES[what] ?? '...') : idOf(prefix)}`
  })
}

/** The host of every example. public/docs.js puts the host of the reader's guestbook in its place. */
export const ANY_HOST = 'https://guestbook.example.com'

/** @returns a command for a shell with the variable TOKEN, if the call needs a token */
export function curlFor(document: Document, method: string, path: string, call: Operation): string {
  const required = (call.parameters ?? []).filter((one) => one.in === 'query' && one.required)
  const query = required.map(({ name, schema }) => `${name}=${encodeURIComponent(String(exampleOf(document, schema)))}`)
  const address = examplePath(path) + (query.length > 0 ? `?${query.join('&')}` : '')
  const options = [
    ...(method === 'GET' || (method === 'POST' && call.requestBody) ? [] : [`-X ${method}`]),
    ...(isPublic(call) ? [] : ['-H "Authorization: Bearer $TOKEN"']),
    ...bodyOptions(document, call),
  ]
  return [`curl "${ANY_HOST}${address}"`, ...options].join(' \\\n  ')
}

export function isPublic({ security = [] }: Operation): boolean {
  return security.length === 0 || security.some((scheme) => Object.keys(scheme).length === 0)
}

function bodyOptions(document: Document, { requestBody }: Operation): string[] {
  const [type, content] = Object.entries(requestBody?.content ?? {})[0] ?? []
  if (type === undefined || !content?.schema) return []
  if (type === 'application/json') {
    const json = JSON.stringify(exampleRequest(document, content.schema)).replaceAll("'", "'\\''")
    return ["-H 'Content-Type: application/json'", `-d '${json}'`]
  }
  if (type !== 'application/x-www-form-urlencoded') return [`-H 'Content-Type: ${type}'`, '--data-binary @file']
  const fields = Object.entries(exampleOf(document, content.schema) as object)
  return fields.map(([name, value]) => `--data-urlencode '${name}=${value}'`)
}
