import type { Context } from 'hono'
import type { HonoEnv } from '../env'
import type { Actor, Scope } from './actor'

/** Who asks. */
export interface Caller {
  /** Undefined for guests and integrators. */
  actor: Actor | undefined
  /** What the API key may do, if an API key asks. */
  scopes: readonly Scope[] | undefined
  /** The endpoint that an integrator manages with a private link, and the path of its page. */
  manages?: { id: string; page: string }
}

/** An integrator reads what their endpoint gets, and has no other right: no secrets, and no moderation. */
export type Integrator = Required<Caller> & { actor: undefined }

export const callerOf = (c: Context<HonoEnv>): Caller => ({ actor: c.get('actor'), scopes: c.get('scopes') })
