/*
 * What the reference and the MCP server's list of tools read from the OpenAPI document: the parts of OpenAPI 3.1 and
 * JSON Schema that our own document contains.
 */

export interface Schema {
  $ref?: string
  type?: string | string[]
  format?: string
  description?: string
  example?: unknown
  default?: unknown
  const?: unknown
  enum?: unknown[]
  pattern?: string
  minLength?: number
  maxLength?: number
  minimum?: number
  maximum?: number
  minItems?: number
  maxItems?: number
  properties?: Record<string, Schema>
  required?: string[]
  additionalProperties?: boolean | Schema
  items?: Schema
  prefixItems?: Schema[]
  allOf?: Schema[]
  anyOf?: Schema[]
  oneOf?: Schema[]
}

export interface Parameter {
  in: 'path' | 'query' | 'header'
  name: string
  required?: boolean
  description?: string
  schema: Schema
}

type Content = Record<string, { schema?: Schema; example?: unknown }>

export interface Operation {
  tags?: string[]
  summary?: string
  description?: string
  security?: Record<string, unknown>[]
  parameters?: Parameter[]
  requestBody?: { required?: boolean; description?: string; content: Content }
  responses: Record<string, { description: string; content?: Content; headers?: Record<string, unknown> }>
}

export interface Document {
  info: { title: string; version: string; description?: string }
  paths: Record<string, Record<string, Operation>>
  webhooks: Record<string, { post: Operation }>
  components: {
    schemas: Record<string, Schema>
    securitySchemes: Record<string, { description?: string }>
  }
}

/** @param text the OpenAPI document as JSON. A test checks that it is a valid document */
export function readDocument(text: string): Document {
  return JSON.parse(text)
}

/** @throws Error if the document has no such call */
export function operationAt(document: Document, method: string, path: string): Operation {
  const call = document.paths[path]?.[method.toLowerCase()]
  if (!call) throw new Error(`The API has no call ${method} ${path}.`)
  return call
}

/** @returns the schema that is meant, if this one is a reference */
export function schemaAt(document: Document, schema: Schema): Schema {
  const name = nameOf(schema)
  const found = name === null ? schema : document.components.schemas[name]
  if (!found) throw new Error(`The document has no schema "${name}".`)
  return found
}

/** @returns the name of the schema that a reference means, or null if it is not a reference */
export function nameOf({ $ref }: Schema): string | null {
  return $ref?.replace('#/components/schemas/', '') ?? null
}
