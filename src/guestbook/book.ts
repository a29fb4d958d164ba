import { eq } from 'drizzle-orm'
import * as z from 'zod'
import { books } from '../db/schema'
import { columns, compile, first, query, statement } from '../db/statements'

export const MAIN_BOOK = 'main'

const settings = z.object({
  welcome: z.string().default('You have found my corner of the web. Say hello before you go!'),
  daily_quota_mb: z.number().default(5),
})

export type BookRow = Pick<typeof books.$inferSelect, 'slug' | 'title' | 'settings' | 'comment_count'>

export type Book = {
  slug: string
  title: string
  welcome: string
  /** How many megabytes guests can add to the database on one day; 0 for no limit. */
  daily_quota_mb: number
}

export const FIND_BOOK = compile(() =>
  query
    .select(columns(books, 'slug', 'title', 'settings', 'comment_count'))
    .from(books)
    .where(eq(books.slug, MAIN_BOOK))
)

/** Changes only what is given, so that two simultaneous requests do not undo each other's changes. */
const UPDATE_BOOK = statement<{ slug: string; title: string | null; changes: string }, BookRow>(`
  update books
  set title = coalesce(:title, title), settings = json_patch(settings, :changes)
  where slug = :slug
  returning slug, title, settings, comment_count`)

const CACHE_MS = 60_000
/** The cached book for each database, so that no guestbook shows another guestbook's title. */
const cached = new WeakMap<D1Database, { book: Book; until: number }>()

/**
 * Loads the book, whose title is part of every comment event. The isolate caches the book for a minute, so that
 * accepting a comment takes one round trip to D1, or two if the book is not cached. Accepted race: during that minute,
 * an event may contain the previous title.
 */
export async function loadBook(env: Env, now: number): Promise<Book> {
  const known = cached.get(env.DB)
  return known && known.until > now ? known.book : readBook(env, now)
}

/** Reads the book without using the cache, for a form that writes the book back. */
export async function readBook(env: Env, now: number): Promise<Book> {
  return rememberBook(env, requireBook(await first(FIND_BOOK(env, {}))), now)
}

/** @throws Error if the row is missing. The first migration inserts the main book, and nothing removes it */
export function requireBook(row: BookRow | null | undefined): BookRow {
  if (!row) throw new Error('There is no book "main". Apply the migrations.')
  return row
}

export function rememberBook(env: Env, row: BookRow, now: number): Book {
  const book = { slug: row.slug, title: row.title, ...settings.parse(JSON.parse(row.settings)) }
  cached.set(env.DB, { book, until: now + CACHE_MS })
  return book
}

/** Changes the title and the settings that are given. */
export async function changeBook(
  env: Env,
  change: { title?: string; welcome?: string; daily_quota_mb?: number },
  now: number
): Promise<void> {
  const { title = null, ...changes } = change
  const update = UPDATE_BOOK(env, { slug: MAIN_BOOK, title, changes: JSON.stringify(changes) })
  rememberBook(env, requireBook(await first(update)), now)
}
