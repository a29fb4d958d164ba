import { type Context, Hono } from 'hono'
import { noteSubject } from '../access/audit/record'
import { all, run } from '../db/statements'
import type { HonoEnv } from '../env'
import { expectRefusal, explain, readForm } from '../http/form'
import { publicOrigin } from '../http/origin'
import type { Refusal } from '../http/problem'
import { PREVIEW_POLICY } from '../http/security-headers'
import { noticeOf } from '../ui/dashboard'
import { renderForm, renderPage } from '../ui/render'
import { fieldsOf, parseBookChange, parseNewBook, readBookFields, settingsPath } from './form'
import { changeBook, deleteBook, planBook, readBook, refuseIfTaken, restoreBook } from './manage'
import { LIST_BOOKS, LIST_DELETED, MAX_BOOKS } from './store'
import { BookPage, BooksPage, type NewBook } from './views'

/** `/admin/books`: every book, and the settings of each. */
export const bookPages = new Hono<HonoEnv>()

const DONE: Record<string, string> = {
  created: 'Created. Here are its settings.',
  saved: 'Saved. It can take up to a minute until every page shows the change.',
  deleted: 'Deleted. You can restore the book for a day.',
  restored: 'Restored.',
  demo: 'Here is the demo guestbook. Open it to look around. One click below removes it again.',
}

const FAILED: Record<string, string> = {
  demo_taken:
    'No demo was made, because you have a book of your own with the slug "demo", or deleted one less than a day ago.',
}

bookPages.get('/', (c) => showBooks(c, { slug: '', title: '' }))

async function showBooks(c: Context<HonoEnv>, fields: NewBook, refusal?: Refusal): Promise<Response> {
  const page = { after: '', limit: MAX_BOOKS }
  const [books, deleted] = await Promise.all([all(LIST_BOOKS(c.env, page)), all(LIST_DELETED(c.env, page))])
  const done = c.req.query('done') ?? ''
  const error = refusal ? explain(refusal) : noticeOf(FAILED, done)
  const notice = noticeOf(DONE, done)
  const view = <BooksPage books={books} deleted={deleted} fields={fields} error={error} notice={notice} />
  return renderForm(c, view, refusal)
}

bookPages.post('/', async (c) => {
  const form = await readForm(c)
  const fields = { slug: form.get('slug')?.trim() ?? '', title: form.get('title')?.trim() ?? '' }
  try {
    const { row, statement } = planBook(c.env, parseNewBook(fields.slug, fields.title), Date.now())
    await refuseIfTaken(row.slug, () => run(statement))
    noteSubject(c, row.slug)
    return c.redirect(`${settingsPath(row.slug)}?done=created`, 303)
  } catch (cause) {
    return showBooks(c, fields, expectRefusal(cause))
  }
})

bookPages.use('/:slug', (c, next) => {
  c.header('Content-Security-Policy', PREVIEW_POLICY)
  return next()
})

bookPages.get('/:slug', async (c) => {
  const row = await readBook(c.env, c.req.param('slug'), Date.now())
  const notice = noticeOf(DONE, c.req.query('done'))
  return renderPage(c, <BookPage row={row} fields={fieldsOf(row)} notice={notice} />)
})

bookPages.post('/:slug', async (c) => {
  const now = Date.now()
  const row = await readBook(c.env, c.req.param('slug'), now)
  const fields = readBookFields(await readForm(c), row.slug)
  try {
    await changeBook(c.env, row.slug, parseBookChange(fields), now)
    return c.redirect(`${settingsPath(row.slug)}?done=saved`, 303)
  } catch (cause) {
    const refusal = expectRefusal(cause)
    return renderForm(c, <BookPage row={row} fields={fields} error={explain(refusal)} />, refusal)
  }
})

bookPages.post('/:slug/delete', async (c) => {
  const now = Date.now()
  const slug = c.req.param('slug')
  const row = await readBook(c.env, slug, now)
  const confirm = (await readForm(c)).get('confirm')?.trim()
  try {
    await deleteBook(c.env, slug, { confirm, origin: publicOrigin(c) }, now)
    return c.redirect('/admin/books?done=deleted', 303)
  } catch (cause) {
    const refusal = expectRefusal(cause)
    return renderForm(c, <BookPage row={row} fields={fieldsOf(row)} error={explain(refusal)} />, refusal)
  }
})

bookPages.post('/:slug/restore', async (c) => {
  await restoreBook(c.env, c.req.param('slug'), Date.now())
  return c.redirect('/admin/books?done=restored', 303)
})
