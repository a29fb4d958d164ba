import type { Context } from 'hono'
import type { Scope } from '../core/access/scopes'
import type { HonoEnv } from '../env'
import { missingScope } from './keys/open'

/*
 * What a caller may do on a route that their key can use: which parts of the response they see, and which links and
 * stored credentials an endpoint that they change gets.
 */

/** Whether a request may do what a scope allows. Only API keys are limited by scopes. */
export function hasScope(c: Context<HonoEnv>, scope: Scope): boolean {
  return c.get('scopes')?.includes(scope) ?? true
}

/**
 * Requires a second scope, for a request with which a key would otherwise get what its own scope does not include.
 * @throws Refusal 403
 */
export function requireAlso(c: Context<HonoEnv>, scope: Scope): void {
  if (!hasScope(c, scope)) throw missingScope([scope], c.get('scopes') ?? [])
}

/** Which parts of an endpoint and its messages a caller may see. */
export interface Sight {
  /** Moderation links: anyone who has them can moderate. */
  links: boolean
  /** URLs and values that work like passwords. */
  secrets: boolean
}

/** What the owner sees. */
export const FULL_SIGHT: Sight = { links: true, secrets: true }

export function sightOf(c: Context<HonoEnv>): Sight {
  return { links: hasScope(c, 'moderate'), secrets: hasScope(c, 'secrets') }
}

/** What an endpoint may get when a caller creates or changes it. */
export interface Grant {
  /** Whether it may get moderation links. */
  links: boolean
  /** Whether stored credentials may go to another URL. */
  credentials: boolean
}

/** Integrators have no right to either. */
export const NO_GRANT: Grant = { links: false, credentials: false }
/** The owner. */
export const FULL_GRANT: Grant = { links: true, credentials: true }

export function grantOf(c: Context<HonoEnv>): Grant {
  const actor = c.get('actor')
  return actor === undefined ? NO_GRANT : { links: hasScope(c, 'moderate'), credentials: actor.kind !== 'key' }
}
