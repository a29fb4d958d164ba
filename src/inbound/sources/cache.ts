import type { SourceOptions } from '../../core/verifying/custom-scheme'
import { withOptions } from '../../core/verifying/custom-scheme'
import { findProvider } from '../../core/verifying/providers'
import type { Provider } from '../../core/verifying/scheme'
import { hashToken, isToken } from '../../db/tokens'
import { sourceOptions } from './options'
import { findByToken, type SourceRow } from './store'

/** A source, and its provider as the options of the source make it. */
export interface Source {
  row: SourceRow
  options: SourceOptions
  provider: Provider
}

const CACHE_MS = 60_000
const MAX_UNKNOWN = 1_000

interface Cache {
  known: Map<string, { source: Source; until: number }>
  /** Tokens that nobody has, apart from the others: guessing many pushes out no source. */
  unknown: Map<string, number>
}

/** Per database binding, so that nothing leaks into another guestbook. */
const caches = new WeakMap<D1Database, Cache>()

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

/** @throws Error when its provider is none that this version knows */
export function toSource(row: SourceRow): Source {
  const provider = findProvider(row.provider)
  if (!provider) throw new Error(`The provider ${row.provider} of ${row.id} is not known.`)
  const options = sourceOptions.parse(JSON.parse(row.options))
  return { row, options, provider: withOptions(provider, options) }
}

/** Whoever changes a source sees it changed. */
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

/** Of the unknown ones, the one that has been there for longest makes room: guesses cannot fill the memory. */
function remember({ known, unknown }: Cache, token: string, source: Source | null, until: number) {
  known.delete(token)
  if (source) return void known.set(token, { source, until })
  unknown.set(token, until)
  const [oldest] = unknown.keys()
  if (unknown.size > MAX_UNKNOWN && oldest !== undefined) unknown.delete(oldest)
}
