import type { MiddlewareHandler } from 'hono'
import type { HonoEnv } from '../env'
import type { BookRow } from './books/book'

/*
 * The versions of books that an isolate has read within the last second. While many guests read a book, its version is
 * read once a second, not once for each of them.
 *
 * Accepted: for a second, an isolate can serve a view as it was before a change that another isolate made. It forgets all
 * versions after each of its own changes. If a request reads a version while another one changes it, the old one can
 * count for a second, too.
 */

const TRUSTED_MS = 1_000

const known = new WeakMap<D1Database, Map<string, { row: BookRow; until: number }>>()

/** @returns the row of a book if it was read within the last second, otherwise null */
export function knownVersion(env: Env, slug: string, now: number): BookRow | null {
  const found = known.get(env.DB)?.get(slug)
  return found && found.until > now ? found.row : null
}

/** @param row a row that has just been read */
export function noteVersion(env: Env, row: BookRow, now: number): void {
  const rows = known.get(env.DB) ?? new Map()
  known.set(env.DB, rows.set(row.slug, { row, until: now + Number(env.TRUSTED_MS ?? TRUSTED_MS) }))
}

export function forgetVersions(env: Env): void {
  known.delete(env.DB)
}

/** Guests and owners see at once what they have changed. */
export const forgetAfterChange: MiddlewareHandler<HonoEnv> = (c, next) => {
  if (c.req.method === 'GET' || c.req.method === 'HEAD') return next()
  return next().then(() => forgetVersions(c.env))
}
