import type { Scope } from '../kit/actor'
import type { Caller } from '../kit/caller'
import { missingScope } from './keys/open'

/*
 * What a caller may do on a route that their key can use: which parts of the response they see, and which links and
 * stored credentials an endpoint that they change gets.
 */

/** Whether a caller may do what a scope allows. Only API keys and integrators are limited by scopes. */
export const hasScope = ({ scopes }: Caller, scope: Scope): boolean => scopes?.includes(scope) ?? true

/** Requires a second scope: no route may give a key what its own scope does not include. @throws Refusal 403 */
export function requireAlso(caller: Caller, scope: Scope): void {
  if (!hasScope(caller, scope)) throw missingScope([scope], caller.scopes ?? [])
}

/** Which parts of an endpoint and its messages a caller may see. */
export interface Sight {
  /** Moderation links: anyone who has them can moderate. */
  links: boolean
  /** URLs and values that work like passwords. */
  secrets: boolean
  /** The values of stored headers, for another service. No API key gets them. */
  headers: boolean
}

/** What the owner sees. */
export const FULL_SIGHT: Sight = { links: true, secrets: true, headers: true }

export function sightOf(caller: Caller): Sight {
  const isLimited = caller.scopes !== undefined
  return { links: hasScope(caller, 'moderate'), secrets: hasScope(caller, 'secrets'), headers: !isLimited }
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

export function grantOf(caller: Caller): Grant {
  const { actor } = caller
  return actor === undefined ? NO_GRANT : { links: hasScope(caller, 'moderate'), credentials: actor.kind !== 'key' }
}
