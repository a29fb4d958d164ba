import { scopesFor } from '../../access/scopes'
import type { Scope } from '../../kit/actor'
import type { Tool } from '../../kit/tool'

/** @returns the scopes of which an API key needs one: those of the call behind the tool */
function scopesOfTool({ method, path }: Tool): readonly Scope[] {
  return scopesFor(method, path.replace(/\{(\w+)\}/g, ':$1'))
}

/** @param scopes of an API key; undefined for the owner, who may do everything */
export function mayUse(tool: Tool, scopes: readonly Scope[] | undefined): boolean {
  return scopes === undefined || scopesOfTool(tool).some((scope) => scopes.includes(scope))
}
