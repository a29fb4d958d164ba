import * as z from 'zod'

export const MAIN_BOOK = 'main'

const settings = z.object({
  welcome: z.string().default('You have found my corner of the web. Say hello before you go!'),
})

export interface Book {
  slug: string
  title: string
  welcome: string
}

const CACHE_MS = 60_000
/** Per database binding, so that what one guestbook is called never leaks into another; read again after a minute. */
const cached = new WeakMap<D1Database, { book: Book; until: number }>()

interface BookRow {
  slug: string
  title: string
  settings: string
}

const SELECT = 'select slug, title, settings, comment_count from books where slug = ?1'

/**
 * The book's title goes into every event, so it is kept in the isolate for a minute: accepting an entry then takes one round trip to D1 (two when it is not
 * cached). Accepted race: for that minute an event may carry the title as it was.
 */
export async function loadBook(env: Env, now: number): Promise<Book> {
  const known = cached.get(env.DB)
  if (known && known.until > now) return known.book
  return rememberBook(env, await selectBook(env).first<BookRow>(), now)
}

/** As it is now, for a form that will be written back: another isolate's cache may be a minute old. */
export async function readBook(env: Env, now: number): Promise<Book> {
  return rememberBook(env, await selectBook(env).first<BookRow>(), now)
}

export function selectBook(env: Env): D1PreparedStatement {
  return env.DB.prepare(SELECT).bind(MAIN_BOOK)
}

/** @throws Error when the migrations have not been applied: there is always a main book */
export function rememberBook(env: Env, row: BookRow | null | undefined, now: number): Book {
  if (!row) throw new Error('There is no book "main". Apply the migrations.')
  const book = { slug: row.slug, title: row.title, ...settings.parse(JSON.parse(row.settings)) }
  cached.set(env.DB, { book, until: now + CACHE_MS })
  return book
}

/** What the book is called and how it greets; the rest of its settings stays. */
export async function changeBook(env: Env, book: Book, now: number): Promise<void> {
  await env.DB.prepare(
    `update books set title = ?2, settings = json_set(settings, '$.welcome', ?3) where slug = ?1`
  )
    .bind(book.slug, book.title, book.welcome)
    .run()
  cached.set(env.DB, { book, until: now + CACHE_MS })
}
