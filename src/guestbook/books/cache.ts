import type { MiddlewareHandler } from 'hono'
import type { HonoEnv } from '../../env'
import { all, first } from '../../kit/db/statements'
import { orNotFound } from '../../kit/http/problem'
import { MINUTE_MS } from '../../kit/lib/time'
import { type Book, type BookRow, toBook } from './book'
import { FIND_BOOK, FIND_BOOKS } from './store'

/*
 * The books that this isolate has read. Their settings count for a minute, so that accepting a comment takes one round
 * trip to D1, or two if the book is not cached. Their rows, with the version, count for a second: while many guests
 * read a book, its row is read once a second, not once for each of them.
 *
 * Accepted: for a minute, an event may contain the previous title, and a closed or deleted book may get another entry.
 * For a second, an isolate can serve a view as it was before a change that another isolate made. It forgets all
 * versions after each of its own changes. If a request reads a version while another one changes it, the old one can
 * count for a second, too.
 */

export const BOOK_CACHE_MS = MINUTE_MS
const TRUSTED_MS = 1_000

type Known = { row: BookRow; book: Book; read_at: number; isOutdated: boolean }

/** For each database, so that no guestbook shows another guestbook's title. */
const cached = new WeakMap<D1Database, Map<string, Known>>()

/** A book that may have been deleted, and can still be restored. */
interface AnyBook {
  book: Book
  isDeleted: boolean
}

/** Reads those that are not cached in one query. @returns a function that returns null if there is no such book */
export async function loadAnyBooks(env: Env, slugs: string[], now: number): Promise<(slug: string) => AnyBook | null> {
  const books = new Map<string, AnyBook>()
  // Kept here, because another request may forget a book during the query.
  for (const slug of slugs) {
    const book = freshBook(env, slug, now)
    if (book) books.set(slug, { book, isDeleted: false })
  }
  const missing = slugs.filter((slug) => !books.has(slug))
  const rows = missing.length > 0 ? await all(FIND_BOOKS(env, { slugs: JSON.stringify(missing) })) : []
  for (const row of rows) {
    const isDeleted = row.deleted_at !== null
    books.set(row.slug, { book: isDeleted ? toBook(row) : rememberBook(env, row, now), isDeleted })
  }
  return (slug) => books.get(slug) ?? null
}

/** As `loadAnyBooks`. The function returns null for a book that was deleted, too. */
export async function loadBooks(env: Env, slugs: string[], now: number): Promise<(slug: string) => Book | null> {
  const anyOf = await loadAnyBooks(env, slugs, now)
  return (slug) => {
    const any = anyOf(slug)
    return any && !any.isDeleted ? any.book : null
  }
}

function freshBook(env: Env, slug: string, now: number): Book | null {
  const known = cached.get(env.DB)?.get(slug)
  return known && known.read_at + BOOK_CACHE_MS > now ? known.book : null
}

/** @returns the book, whose title is part of every comment event; null if there is none */
export async function loadBook(env: Env, slug: string, now: number): Promise<Book | null> {
  return (await loadBooks(env, [slug], now))(slug)
}

/** Finds the book of an entry that exists, so the book exists, too. */
export async function loadBookOf(env: Env, { book }: { book: string }, now: number): Promise<AnyBook> {
  return orNotFound((await loadAnyBooks(env, [book], now))(book), 'book')
}

/** @throws Refusal 404 */
export async function requireBook(env: Env, slug: string, now: number): Promise<Book> {
  return orNotFound(await loadBook(env, slug, now), 'book')
}

/** @returns the row of a book, as it was within the last second. @throws Refusal 404 */
export async function readVersion(env: Env, slug: string, now: number): Promise<BookRow> {
  const known = cached.get(env.DB)?.get(slug)
  const isTrusted = known && !known.isOutdated && known.read_at + TRUSTED_MS > now
  return isTrusted ? known.row : readBook(env, slug, now)
}

/** @throws Refusal 404 */
export async function readBook(env: Env, slug: string, now: number): Promise<BookRow> {
  const row = orNotFound(await first(FIND_BOOK(env, { slug })), 'book')
  rememberBook(env, row, now)
  return row
}

/** @param row has just been read */
export function rememberBook(env: Env, row: BookRow, now: number): Book {
  const book = toBook(row)
  const books = cached.get(env.DB) ?? new Map()
  cached.set(env.DB, books.set(row.slug, { row, book, read_at: now, isOutdated: false }))
  return book
}

export function forgetBook(env: Env, slug: string): void {
  cached.get(env.DB)?.delete(slug)
}

export function forgetVersions(env: Env): void {
  for (const known of cached.get(env.DB)?.values() ?? []) known.isOutdated = true
}

/** Guests and owners see at once what they have changed. */
export const forgetAfterChange: MiddlewareHandler<HonoEnv> = (c, next) => {
  if (c.req.method === 'GET' || c.req.method === 'HEAD') return next()
  return next().then(() => forgetVersions(c.env))
}
