import { type Context, Hono } from 'hono'
import type { HonoEnv } from '../../env'
import { renderForm, renderPage } from '../../kit/html/render'
import { publicOrigin } from '../../kit/http/origin'
import type { Refusal } from '../../kit/http/problem'
import { PREVIEW_POLICY } from '../../kit/http/security-headers'
import { EmbedPage } from '../embed/views'
import { readBook } from './cache'
import { fillBookForm } from './form'
import { BookPage } from './settings-views'
import { allBooks, allDeleted } from './store'
import { BooksPage } from './views'

/** `/admin/books`: every book, and the settings of each. Their forms are in src/owner/operations/books/. */
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

bookPages.get('/:slug', (c) => showBook(c))

/** @param form the settings as the owner sent them. By default, the settings of the book */
export async function showBook(c: Context<HonoEnv>, refusal?: Refusal, form?: URLSearchParams): Promise<Response> {
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
