import { SCOPES, type Scope } from '../kit/actor'
import { actOf } from './acts'

/*
 * What an API key may do. This is the only place that decides it. A route that a key may call can still leave out parts
 * of the answer: see src/access/rights.ts.
 */

/** What each scope allows, for people. */
export const SCOPE_WORDS: Record<Scope, string> = {
  read: 'read everything except secrets, moderation links, API keys, sessions and exports',
  write: 'change endpoints, sources, messages, replays, books, event types and settings',
  moderate: 'see entries and books; publish, hide and delete entries; reply; ban guests; get moderation links',
  secrets: 'see endpoints and sources with their full URLs and secrets, and the credentials in requests',
  metrics: 'read the metrics for Prometheus',
}

/** Acts that start with one of these are moderation. */
const MODERATION = /^(comment|reply|ban)\./
/** Acts that could give a key more rights than it has, or move out all data at once, need ADMIN_TOKEN or a session. */
const FOR_PEOPLE = /^(key|session|signing_key|export|import|erase)\./
/** Reading these needs ADMIN_TOKEN or a session, too. */
const READ_BY_PEOPLE = /^\/api\/(keys|sessions|export|people\/export)(\/|$)/
/** Every key may connect to the MCP server. Each of its tools needs the scope of the call that it makes. */
const MCP_PATH = '/mcp'
/** Which scopes can read a route. The first line that fits counts. */
const READERS: [RegExp, readonly Scope[]][] = [
  [/^\/api\/(endpoints|sources)\/:id\/secret$/, ['secrets']],
  [/^\/api\/(endpoints|sources)(\/:id)?$/, ['read', 'secrets']],
  [/^\/api\/metrics$/, ['read', 'metrics']],
  // What moderation needs to read: entries, their books and the bans.
  [/^\/api\/(comments|books)(\/|$)/, ['read', 'moderate']],
]

/** @param route like `/api/endpoints/:id`. @returns the scopes of which a key needs one; empty if no key may do this */
export function scopesFor(method: string, route: string): readonly Scope[] {
  if (route === MCP_PATH) return SCOPES
  if (method === 'GET') return scopesToRead(route)
  const act = actOf(method, route)
  if (act === undefined || (act !== null && FOR_PEOPLE.test(act))) return []
  return act !== null && MODERATION.test(act) ? ['moderate'] : ['write']
}

function scopesToRead(route: string): readonly Scope[] {
  if (READ_BY_PEOPLE.test(route)) return []
  return READERS.find(([pattern]) => pattern.test(route))?.[1] ?? ['read']
}

/** @returns the scopes in a stored list, in a fixed order */
export function readScopes(stored: string): Scope[] {
  const words = stored.split(' ')
  return SCOPES.filter((scope) => words.includes(scope))
}
