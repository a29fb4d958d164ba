import type { SourceOptions } from '../../core/verifying/custom-scheme'
import { withOptions } from '../../core/verifying/custom-scheme'
import { findProvider } from '../../core/verifying/providers'
import type { Provider } from '../../core/verifying/scheme'
import { hashToken, isToken } from '../../db/tokens'
import { sourceOptions } from './options'
import { findByToken, type SourceRow } from './store'

/** A source, with its provider as the options of the source change it. */
export interface Source {
  row: SourceRow
  options: SourceOptions
  provider: Provider
}

const CACHE_MS = 60_000
const MAX_UNKNOWN_TOKENS = 1_000

interface Cache {
  known: Map<string, { source: Source; until: number }>
  /** Tokens without a source, kept apart so that guesses cannot push sources out of the cache. */
  unknown: Map<string, number>
}

/** One cache for each database binding, so that guestbooks that share an isolate share no sources. */
const caches = new WeakMap<D1Database, Cache>()

/**
 * Finds the source of an address. The isolate remembers the result for a minute, so that a request takes one round trip
 * and an unknown token costs at most one read a minute.
 *
 * Accepted race: other isolates see a change of a source up to a minute later. Processing a message reads its source
 * again.
 * @param options.fresh skips the cache
 */
export async function findByAddress(
  env: Env,
  token: string,
  now: number,
  options: { fresh?: boolean } = {}
): Promise<Source | null> {
  if (!isToken('hook', token)) return null
  const cache = cacheOf(env)
  const cached = cache.known.get(token)
  if (cached && cached.until > now && !options.fresh) return cached.source
  if ((cache.unknown.get(token) ?? 0) > now && !options.fresh) return null
  const row = await findByToken(env, await hashToken(token))
  const source = row ? toSource(row) : null
  remember(cache, token, source, now + CACHE_MS)
  return source
}

/** @throws Error when this version does not know the provider */
export function toSource(row: SourceRow): Source {
  const provider = findProvider(row.provider)
  if (!provider) throw new Error(`The provider ${row.provider} of ${row.id} is unknown.`)
  const options = sourceOptions.parse(JSON.parse(row.options))
  return { row, options, provider: withOptions(provider, options) }
}

/** Empties the cache of this isolate after a source was changed. */
export function forgetSources(env: Env): void {
  caches.delete(env.DB)
}

function cacheOf(env: Env): Cache {
  const existing = caches.get(env.DB)
  if (existing) return existing
  const fresh: Cache = { known: new Map(), unknown: new Map() }
  caches.set(env.DB, fresh)
  return fresh
}

/** The oldest unknown token makes room for a new one, so that guesses cannot fill the memory. */
function remember({ known, unknown }: Cache, token: string, source: Source | null, until: number) {
  known.delete(token)
  if (source) return void known.set(token, { source, until })
  unknown.set(token, until)
  const [oldest] = unknown.keys()
  if (unknown.size > MAX_UNKNOWN_TOKENS && oldest !== undefined) unknown.delete(oldest)
}
