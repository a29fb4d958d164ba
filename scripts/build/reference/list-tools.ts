import type { Tool } from '../../../src/kit/tool'
import { TOOLS } from '../../../src/owner/mcp/tools'
import { INSTRUCTIONS } from '../../../src/owner/rules/mcp/tools'
import { WAIT_SCHEMA } from '../../../src/owner/rules/mcp/wait'
import { type Document, type Operation, operationAt, type Schema, schemaAt } from './read-document'

/*
 * What the MCP server says of itself, and the list of its tools. Their arguments are described by the same schemas as the calls of the API.
 * `npm run openapi` writes the list to public/tools.json.
 */

export function listTools(document: Document): object {
  const tools = TOOLS.map((tool) => {
    const { name, title, description } = tool
    return { name, title, description, inputSchema: inputOf(tool, document), annotations: annotationsOf(tool) }
  })
  return { instructions: INSTRUCTIONS, tools }
}

function annotationsOf({ title, method, isDestructive = false }: Tool) {
  if (method === 'GET') return { title, readOnlyHint: true, openWorldHint: false }
  const idempotentHint = method !== 'POST'
  return { title, readOnlyHint: false, destructiveHint: isDestructive, idempotentHint, openWorldHint: false }
}

function inputOf(tool: Tool, document: Document) {
  const call = operationAt(document, tool.method, tool.path)
  const all = { ...parametersOf(call), ...bodyOf(document, call) }
  const properties = Object.fromEntries(tool.takes.map((name) => [name, described(tool, name, all[name]?.schema)]))
  const required = tool.takes.filter((name) => all[name]?.required || tool.needs?.includes(name))
  const more = tool.name === 'wait_for_inbound' ? WAIT_SCHEMA : {}
  return {
    type: 'object',
    properties: { ...properties, ...more },
    ...(required.length > 0 && { required }),
    additionalProperties: false,
  }
}

type Inputs = Record<string, { schema: Schema; required: boolean }>

function parametersOf({ parameters = [] }: Operation): Inputs {
  const offered = parameters.filter((one) => one.in !== 'header')
  return Object.fromEntries(offered.map(({ name, schema, required = false }) => [name, { schema, required }]))
}

function bodyOf(document: Document, { requestBody }: Operation): Inputs {
  const schema = requestBody?.content['application/json']?.schema
  const { properties = {}, required = [] } = schema ? schemaAt(document, schema) : {}
  const inputs = Object.entries(properties).map(([name, one]) => [
    name,
    { schema: schemaAt(document, one), required: required.includes(name) },
  ])
  return Object.fromEntries(inputs)
}

/** @throws Error if the API does not have what the tool takes */
function described({ name: tool, explains = {} }: Tool, name: string, schema: Schema | undefined): Schema {
  if (!schema) throw new Error(`The call behind ${tool} has no "${name}".`)
  const { example: _, ...rest } = schema
  const description = explains[name] ?? schema.description
  return description === undefined ? rest : { ...rest, description }
}
