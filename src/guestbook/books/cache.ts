import { first } from '../../kit/db/statements'
import { notFound } from '../../kit/http/problem'
import { MINUTE_MS } from '../../kit/lib/time'
import { type Book, type BookRow, toBook } from './book'
import { FIND_BOOK } from './store'

export const CACHE_MS = MINUTE_MS
/** The cached books for each database, so that no guestbook shows another guestbook's title. */
const cached = new WeakMap<D1Database, Map<string, { book: Book; until: number }>>()

/**
 * Loads a book, whose title is part of every comment event. The isolate caches it for a minute, so that accepting a
 * comment takes one round trip to D1, or two if the book is not cached. Accepted race: during that minute, an event may
 * contain the previous title, and a closed or deleted book may get another entry.
 * @returns null if there is no such book
 */
export async function loadBook(env: Env, slug: string, now: number): Promise<Book | null> {
  const known = cached.get(env.DB)?.get(slug)
  if (known && known.until > now) return known.book
  const row = await first(FIND_BOOK(env, { slug }))
  return row && rememberBook(env, row, now)
}

/** @throws Refusal 404 */
export async function requireBook(env: Env, slug: string, now: number): Promise<Book> {
  const book = await loadBook(env, slug, now)
  if (!book) throw notFound('book')
  return book
}

export function rememberBook(env: Env, row: BookRow, now: number): Book {
  const book = toBook(row)
  const books = cached.get(env.DB) ?? new Map()
  cached.set(env.DB, books.set(row.slug, { book, until: now + CACHE_MS }))
  return book
}

export function forgetBook(env: Env, slug: string): void {
  cached.get(env.DB)?.delete(slug)
}
