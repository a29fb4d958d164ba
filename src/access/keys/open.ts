import type { Context } from 'hono'
import type { HonoEnv } from '../../env'
import type { Actor, Scope } from '../../kit/actor'
import { run } from '../../kit/db/statements'
import { Refusal } from '../../kit/http/problem'
import { logFault } from '../../log'
import { routeOf } from '../route'
import { scopesFor } from '../scopes'
import { findKey } from './store'

/** @returns who acts, or null if it is not a valid API key. @throws Refusal 403 if it lacks the scope of the route */
export async function openWithKey(c: Context<HonoEnv>, token: string): Promise<Actor | null> {
  const key = await findKey(c.env, token, c.get('now'))
  if (!key) return null
  if (key.use) c.executionCtx.waitUntil(run(key.use).catch((cause) => logFault('key.fault', cause, { id: key.id })))
  requireScope(c, key)
  c.set('scopes', key.scopes)
  return { kind: 'key', id: key.id, name: key.name }
}

/** A path that no route matches needs no scope: it gets a 404 or 405. */
function requireScope(c: Context<HonoEnv>, { scopes }: { scopes: Scope[] }): void {
  const route = routeOf(c)
  const needed = route && scopesFor(route.method, route.path)
  if (!needed || needed.some((scope) => scopes.includes(scope))) return
  throw needed.length === 0 ? needsPerson('This request') : missingScope(needed, scopes)
}

/** @param what the words before "needs" @returns the refusal of what no API key may do */
export function needsPerson(what: string): Refusal {
  return new Refusal(403, 'admin_token_needed', `${what} needs ADMIN_TOKEN or the dashboard. No API key can do this.`)
}

/** @returns the refusal of a key that has none of the scopes that a request needs */
export function missingScope(needed: readonly Scope[], scopes: readonly Scope[]): Refusal {
  const names = needed.map((scope) => `"${scope}"`).join(' or ')
  const has = scopes.map((scope) => `"${scope}"`).join(' and ')
  const detail = `This request needs an API key with the scope ${names}. This key has ${has}.`
  return new Refusal(403, 'missing_scope', detail)
}
