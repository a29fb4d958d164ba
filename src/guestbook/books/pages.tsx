import { type Context, Hono } from 'hono'
import type { HonoEnv } from '../../env'
import { all } from '../../kit/db/statements'
import { renderForm, renderPage } from '../../kit/html/render'
import type { Refusal } from '../../kit/http/problem'
import { PREVIEW_POLICY } from '../../kit/http/security-headers'
import { aSpanOf } from '../../kit/lib/time'
import { readBook } from './cache'
import { fillBookForm } from './form'
import { BookPage } from './settings-views'
import { LIST_BOOKS, LIST_DELETED, MAX_BOOKS, RESTORABLE_MS } from './store'
import { BooksPage } from './views'

/** `/admin/books`: every book, and the settings of each. Their forms are in src/owner/operations/books/. */
export const bookPages = new Hono<HonoEnv>()

const DEMO_TAKEN = `The demo was not created: you have a book with the slug "demo", or deleted one less than ${aSpanOf(RESTORABLE_MS)} ago.`

bookPages.get('/', (c) => showBooks(c, new URLSearchParams()))

async function showBooks(c: Context<HonoEnv>, form: URLSearchParams, refusal?: Refusal): Promise<Response> {
  const page = { after: '', limit: MAX_BOOKS }
  const [books, deleted] = await Promise.all([all(LIST_BOOKS(c.env, page)), all(LIST_DELETED(c.env, page))])
  const failure = c.req.query('done') === 'demo_taken' ? DEMO_TAKEN : undefined
  const view = <BooksPage books={books} deleted={deleted} form={form} failure={failure} />
  return renderForm(c, view, refusal)
}

/** @returns what was entered for a new book, not yet checked */
export function readNewBook(form: URLSearchParams) {
  return { slug: form.get('slug')?.trim() ?? '', title: form.get('title')?.trim() ?? '' }
}

/** Shows the form for a new book again, as it was sent. */
export function showNewBookAgain(c: Context<HonoEnv>, refusal: Refusal, form: URLSearchParams): Promise<Response> {
  return showBooks(c, form, refusal)
}

bookPages.use('/:slug', (c, next) => {
  c.header('Content-Security-Policy', PREVIEW_POLICY)
  return next()
})

bookPages.get('/:slug', async (c) => {
  const row = await readBook(c.env, c.req.param('slug'), c.get('now'))
  const { saved, was } = c.req.query()
  return renderPage(c, <BookPage row={row} form={fillBookForm(row)} saved={saved} was={was} />)
})

/** Shows the settings again, as they were sent. */
export async function showBookAgain(c: Context<HonoEnv>, refusal: Refusal, form: URLSearchParams): Promise<Response> {
  const row = await readBook(c.env, c.req.param('slug') ?? '', c.get('now'))
  return renderForm(c, <BookPage row={row} form={form} />, refusal)
}

/** Shows the settings again, with the reason why the book was not deleted. */
export async function showDeletionAgain(c: Context<HonoEnv>, refusal: Refusal): Promise<Response> {
  const row = await readBook(c.env, c.req.param('slug') ?? '', c.get('now'))
  return renderForm(c, <BookPage row={row} form={fillBookForm(row)} />, refusal)
}
