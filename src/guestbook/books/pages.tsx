import { type Context, Hono } from 'hono'
import type { HonoEnv } from '../../env'
import { notices } from '../../kit/html/notices'
import { renderForm, renderPage } from '../../kit/html/render'
import { publicOrigin } from '../../kit/http/origin'
import type { Refusal } from '../../kit/http/problem'
import { PREVIEW_POLICY } from '../../kit/http/security-headers'
import { DASHBOARD } from '../../kit/lib/paths'
import { aSpanOf } from '../../kit/lib/time'
import { EmbedPage } from '../embed/views'
import { BOOK_CACHE_MS, readBook } from './cache'
import { fillBookForm } from './form'
import { BookPage } from './settings-views'
import { allBooks, allDeleted, RESTORABLE_MS } from './store'
import { BooksPage } from './views'

notices(DASHBOARD.books, {
  created: 'Created. Here are its settings.',
  demo: 'This is the demo guestbook. Open it to look around. You can remove it below.',
  deleted: `Deleted. You can restore the book within ${aSpanOf(RESTORABLE_MS)}.`,
  restored: 'Restored.',
  uploaded: 'Uploaded.',
  changed: 'Saved.',
  removed: 'Picture removed.',
  banned: `Banned. The ban takes effect everywhere within ${aSpanOf(BOOK_CACHE_MS)}.`,
  ban_removed: 'Ban removed.',
  button_removed: 'Button removed. It will not be fetched again.',
})

/** `/admin/books`: every book, and the settings of each. Their forms are in operations.ts. */
export const bookPages = new Hono<HonoEnv>()

bookPages.get('/', (c) => showBooks(c))

/** @param form what the owner entered for a new book */
export async function showBooks(c: Context<HonoEnv>, refusal?: Refusal, form = new URLSearchParams()) {
  const [books, deleted] = await Promise.all([allBooks(c.env), allDeleted(c.env)])
  const hasFailed = c.req.query('done') === 'demo_taken'
  return renderForm(c, <BooksPage books={books} deleted={deleted} form={form} hasFailed={hasFailed} />, refusal)
}

/** @returns what was entered for a new book, not yet checked */
export function readNewBook(form: URLSearchParams) {
  return { slug: form.get('slug')?.trim() ?? '', title: form.get('title')?.trim() ?? '' }
}

bookPages.use('/:slug', (c, next) => {
  c.header('Content-Security-Policy', PREVIEW_POLICY)
  return next()
})

bookPages.get('/:slug', (c) => showBookSettings(c))

/** @param form the settings as the owner sent them. By default, the settings of the book */
export async function showBookSettings(
  c: Context<HonoEnv>,
  refusal?: Refusal,
  form?: URLSearchParams
): Promise<Response> {
  const row = await readBook(c.env, c.req.param('slug') ?? '', c.get('now'))
  const { saved, was } = c.req.query()
  return renderForm(c, <BookPage {...{ row, saved, was }} form={form ?? fillBookForm(row)} />, refusal)
}

/** `/admin/books/{slug}/embed`: what the owner pastes into another site, and how it looks there. */
bookPages.get('/:slug/embed', async (c) => {
  const row = await readBook(c.env, c.req.param('slug'), c.get('now'))
  const page = <EmbedPage row={row} origin={publicOrigin(c)} />
  return renderPage(c, page, 200, { 'Content-Security-Policy': PREVIEW_POLICY })
})
