import type { Context } from 'hono'
import type { HonoEnv } from '../env'
import type { Actor, Scope } from './actor'

/** Who asks. */
export interface Caller {
  /** Undefined for guests and integrators. */
  actor: Actor | undefined
  /** What the API key may do, if an API key asks. */
  scopes: readonly Scope[] | undefined
}

export function callerOf(c: Context<HonoEnv>): Caller {
  return { actor: c.get('actor'), scopes: c.get('scopes') }
}
