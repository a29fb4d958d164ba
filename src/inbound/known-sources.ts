import type { SourceOptions } from '../core/custom-scheme'
import { withOptions } from '../core/custom-scheme'
import { findProvider } from '../core/providers'
import type { Provider } from '../core/providers/provider'
import { hashToken, isToken } from '../db/tokens'
import { sourceOptions } from './options'
import { findByToken, type SourceRow } from './store'

/** A source, and its provider as the options of the source make it. */
export interface Source {
  row: SourceRow
  options: SourceOptions
  provider: Provider
}

const CACHE_MS = 60_000
const MAX_KNOWN = 1_000

interface Known {
  source: Source | null
  until: number
}

/** Per database binding, so that nothing leaks into another guestbook. */
const known = new WeakMap<D1Database, Map<string, Known>>()

/**
 * Whose address a token is. Kept in the isolate for a minute, so that a request takes one round trip; that there is none is kept too, so that a
 * token that nobody has costs a read a minute at most, and never a write. Accepted race: what changes is seen a minute later by other isolates; whatever depends on it is looked at again when
 * the message is processed, or asks for `fresh`.
 */
export async function findByAddress(
  env: Env,
  token: string,
  now: number,
  options: { fresh?: boolean } = {}
): Promise<Source | null> {
  if (!isToken('in', token)) return null
  const cached = cacheOf(env).get(token)
  if (cached && cached.until > now && !options.fresh) return cached.source
  const row = await findByToken(env, await hashToken(token))
  const source = row ? toSource(row) : null
  remember(env, token, { source, until: now + CACHE_MS })
  return source
}

/** @throws Error when its provider is none that this version knows */
export function toSource(row: SourceRow): Source {
  const provider = findProvider(row.provider)
  if (!provider) throw new Error(`The provider ${row.provider} of ${row.id} is not known.`)
  const options = sourceOptions.parse(JSON.parse(row.options))
  return { row, options, provider: withOptions(provider, options) }
}

/** Whoever changes a source sees it changed. */
export function forgetSources(env: Env): void {
  known.delete(env.DB)
}

function cacheOf(env: Env): Map<string, Known> {
  const existing = known.get(env.DB)
  if (existing) return existing
  const fresh = new Map<string, Known>()
  known.set(env.DB, fresh)
  return fresh
}

/** The one that has been there for longest makes room: guessed tokens cannot fill the memory. */
function remember(env: Env, token: string, entry: Known): void {
  const cache = cacheOf(env)
  cache.delete(token)
  cache.set(token, entry)
  const [oldest] = cache.keys()
  if (cache.size > MAX_KNOWN && oldest !== undefined) cache.delete(oldest)
}
