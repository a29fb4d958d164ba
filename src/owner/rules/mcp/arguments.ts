import type { Tool } from '../../../kit/tool'

/** A call of the API that a tool makes. */
export interface ApiCall {
  method: string
  path: string
  /** JSON, or null if the call has no body. */
  body: string | null
}

type Arguments = Readonly<Record<string, unknown>>

/**
 * The API checks the values of the arguments. This checks what it would not notice: unknown names, missing IDs, and
 * values that cannot be part of an address.
 * @returns the call, or what is wrong with the arguments
 */
export function toApiCall(tool: Tool, given: Arguments): ApiCall | string {
  const problem = findProblem(tool, given)
  if (problem !== null) return problem
  const path = tool.path.replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(String(given[name])))
  const rest = Object.entries(given).filter(([name, value]) => !isInPath(tool, name) && value !== undefined)
  if (tool.method === 'DELETE') return { method: 'DELETE', path, body: null }
  if (tool.method !== 'GET') return { method: tool.method, path, body: JSON.stringify(Object.fromEntries(rest)) }
  const query = new URLSearchParams(rest.map(([name, value]) => [name, String(value)])).toString()
  return { method: 'GET', path: query === '' ? path : `${path}?${query}`, body: null }
}

const isInPath = ({ path }: Tool, name: string): boolean => path.includes(`{${name}}`)

function findProblem(tool: Tool, given: Arguments): string | null {
  const unknown = Object.keys(given).find((name) => !tool.takes.includes(name))
  if (unknown !== undefined)
    return `${tool.name} has no argument "${unknown}". It takes ${listOf([...tool.takes, ...(tool.adds ?? [])])}.`
  for (const name of tool.takes) {
    const value = given[name]
    const isNeeded = isInPath(tool, name) || tool.needs?.includes(name)
    if (isNeeded && (value === undefined || value === '')) return `${tool.name} needs the argument "${name}".`
    if (!fits(tool, name, value)) return `The argument "${name}" must be ${isInPath(tool, name) ? AN_ID : A_VALUE}.`
  }
  return null
}

const AN_ID = 'an ID of letters, digits, hyphens and underscores'
const A_VALUE = 'a string, a number, true or false'

/** Whether a value can be part of an address. The path of a tool consists of IDs, and an ID is not a path. */
function fits(tool: Tool, name: string, value: unknown): boolean {
  if (isInPath(tool, name)) return typeof value === 'string' && /^[\w-]{1,100}$/.test(value)
  return tool.method !== 'GET' || value === undefined || ['string', 'number', 'boolean'].includes(typeof value)
}

const listOf = (names: readonly string[]): string => names.map((name) => `"${name}"`).join(', ')
