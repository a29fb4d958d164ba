import { scopesFor } from '../../access/scopes'
import type { Scope } from '../../kit/actor'
import type { AnyOperation } from '../../kit/operation'
import type { Tool } from '../../kit/tool'
import { OPERATIONS } from '../operations'
import { OTHER_TOOLS } from '../rules/mcp/tools'

/*
 * The tools of the MCP server. Each one is a call of our own API: call-tool.ts makes the call with the token of the
 * client, so the API checks arguments, scopes and limits, and writes the audit log. `npm run openapi` makes the schema
 * of the arguments from the OpenAPI document, and writes it to public/tools.json.
 */

export const TOOLS: readonly Tool[] = [...OTHER_TOOLS, ...OPERATIONS.flatMap(toolOf)]

function toolOf({ call, tool }: AnyOperation): Tool[] {
  const [method = '', path = ''] = call.split(' ')
  return tool ? [{ ...tool, method, path }] : []
}

/** @param scopes of an API key, which needs one of those of the call; undefined for the owner, who may use all tools */
export function mayUse({ method, path }: Tool, scopes: readonly Scope[] | undefined): boolean {
  const needed = scopesFor(method, path.replace(/\{(\w+)\}/g, ':$1'))
  return scopes === undefined || needed.some((scope) => scopes.includes(scope))
}
