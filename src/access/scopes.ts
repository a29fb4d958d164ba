import { SCOPES, type Scope } from '../kit/actor'
import { ownerRoute } from './acts'

/*
 * What an API key may do. Each route says it: see `may` in operations and in acts.ts. A route that a key may call can
 * still leave out parts of the answer: see rights.ts.
 */

/** What each scope allows, for people. */
export const SCOPE_WORDS: Record<Scope, string> = {
  read: 'read everything except secrets, moderation links, API keys, sessions and exports',
  write: 'change endpoints, sources, messages, replays, books, event types and settings',
  moderate: 'see entries and books; publish, hide and delete entries; reply; ban guests; get moderation links',
  secrets: 'see endpoints and sources with their full URLs and secrets, and the credentials in requests',
  metrics: 'read the metrics for Prometheus',
}

/** @param route like `/api/endpoints/:id`. @returns the scopes of which a key needs one; empty if no key may do this */
export function scopesFor(method: string, route: string): readonly Scope[] {
  const { may = 'person' } = ownerRoute(method, route) ?? {}
  if (may === 'person') return []
  return typeof may === 'string' ? [may] : may
}

/** @returns the scopes in a stored list, in a fixed order */
export function readScopes(stored: string): Scope[] {
  const words = stored.split(' ')
  return SCOPES.filter((scope) => words.includes(scope))
}
