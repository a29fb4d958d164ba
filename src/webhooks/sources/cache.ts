import { hashToken, isToken } from '../../kit/db/tokens'
import { MINUTE_MS } from '../../kit/lib/time'
import { withOptions } from '../rules/verifying/custom-scheme'
import { findProvider } from '../rules/verifying/providers'
import type { Provider } from '../rules/verifying/scheme'
import { SOURCE_FIELDS } from './fields'
import type { SourceOptions } from './options'
import { findByToken, findSource, type SourceRow } from './store'

/** A source, and its provider with the source's options applied. */
export type Source = { row: SourceRow; options: SourceOptions; provider: Provider }

/** A change of a source reaches every isolate after this time. */
export const SOURCE_CACHE_MS = MINUTE_MS
const MAX_UNKNOWN_TOKENS = 1_000

interface Cache {
  /** By token, or by id. */
  known: Map<string, { source: Source; until: number }>
  /** Tokens that belong to no source, kept separately so that guesses cannot push sources out of the cache. */
  unknown: Map<string, number>
}

/** One cache for each database binding, so that guestbooks in the same isolate do not share sources. */
const caches = new WeakMap<D1Database, Cache>()

/**
 * Finds a source by the token of its URL. Accepted race: an isolate remembers the result for a minute, also that there
 * is none, so it sees a change late. Processing reads the source again. @param options.fresh whether to skip the cache
 */
export async function findByAddress(env: Env, token: string, now: number, options: { fresh?: boolean } = {}) {
  if (!isToken('hook', token)) return null
  const cache = cacheOf(env)
  const cached = cache.known.get(token)
  if (cached && cached.until > now && !options.fresh) return cached.source
  if ((cache.unknown.get(token) ?? 0) > now && !options.fresh) return null
  const row = await findByToken(env, await hashToken(token))
  const source = row ? toSource(row) : null
  remember(cache, token, source, now + SOURCE_CACHE_MS)
  return source
}

/** For the built-in receiver. Cached, because one work order may contain many deliveries to it. */
export async function findById(env: Env, id: string, now: number): Promise<Source | null> {
  const cache = cacheOf(env)
  const cached = cache.known.get(id)
  if (cached && cached.until > now) return cached.source
  const row = await findSource(env, id)
  const source = row && toSource(row)
  if (source) cache.known.set(id, { source, until: now + SOURCE_CACHE_MS })
  return source
}

/** @throws Error when this version does not know the provider */
export function toSource(row: SourceRow): Source {
  const provider = findProvider(row.provider)
  if (!provider) throw new Error(`The provider ${row.provider} of ${row.id} is unknown.`)
  const options = SOURCE_FIELDS.valueIn(row, 'options')
  return { row, options, provider: withOptions(provider, options) }
}

/** Empties this isolate's cache after a change. A lookup under way writes to the old cache, which is no longer read. */
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

/** Drops the oldest unknown token if there are too many, so that guesses cannot fill the memory. */
function remember({ known, unknown }: Cache, token: string, source: Source | null, until: number) {
  known.delete(token)
  if (source) return void known.set(token, { source, until })
  unknown.set(token, until)
  const [oldest] = unknown.keys()
  if (unknown.size > MAX_UNKNOWN_TOKENS && oldest !== undefined) unknown.delete(oldest)
}
