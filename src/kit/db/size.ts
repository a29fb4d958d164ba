import { byPlan } from '../../env'
import { FULL_PERCENT } from '../lib/fullness'

/* The size of the database, and whether a call has written. D1 reports both with every result: no query is needed. */

/** The plans' limits: https://developers.cloudflare.com/d1/platform/limits/ */
const LIMIT_BYTES = { free: 500_000_000, paid: 10_000_000_000 }

const sizes = new WeakMap<D1Database, number>()
/** Another object after each call that has written. */
const writes = new WeakMap<D1Database, object>()

/** Remembers what the results of a call say. */
export function noteResults(db: D1Database, results: readonly D1Result[]): void {
  const size = results.at(-1)?.meta?.size_after
  if (typeof size === 'number') sizes.set(db, size)
  if (results.some(({ meta }) => meta?.changes > 0)) writes.set(db, {})
}

/**
 * For a request that begins now. D1 may refuse a call after another one has written, and another request of this isolate
 * may have written, too. @returns whether the request may have acted, although it ends with this status
 */
export function watchWrites(db: D1Database): (status: number) => boolean {
  const before = writes.get(db)
  return (status) => status === 500 || (status === 503 && writes.get(db) !== before)
}

/** @returns bytes, or null if this isolate has not read from D1 yet */
export const knownSize = (env: Env): number | null => sizes.get(env.DB) ?? null

/** @returns bytes: what the owner has set, or the limit of the plan */
export function sizeLimit(env: Env): number {
  const megabytes = Number(env.DATABASE_LIMIT_MB)
  if (megabytes > 0 && megabytes < Infinity) return megabytes * 1_000_000
  return byPlan(env, LIMIT_BYTES)
}

/** Accepted race: an isolate that has just started does not know the size, so it accepts a few more requests. */
export const isDatabaseFull = (env: Env): boolean => (knownSize(env) ?? 0) >= (sizeLimit(env) * FULL_PERCENT) / 100
