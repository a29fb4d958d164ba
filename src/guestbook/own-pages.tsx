import { type Context, Hono } from 'hono'
import type { HonoEnv } from '../env'
import { contextOf } from '../kit/context'
import { renderText } from '../kit/html/render'
import { readForm } from '../kit/http/form'
import { Refusal } from '../kit/http/problem'
import { identifyVisitor } from '../kit/http/visitor'
import { requireBook } from './books/cache'
import { changeOwnComment, deleteOwnComment } from './moderation/change-own'
import { languageOf, outcomePath } from './pages'
import { translator } from './reading/languages'
import { chooseLanguage } from './rules/languages'
import { editableEntries, isEditable } from './signing/guest'
import type { EntryFault } from './signing/judge'
import { noticeOf } from './signing/notices'
import { type CommentRow, findComment } from './store'
import { ownLocation } from './views/book-views'
import { EditPage, type EditState } from './views/edit-view'

/** `/comments/{id}/edit` and `/comments/{id}/delete`: guests change their own entry for a short time. */
export const ownPages = new Hono<HonoEnv>()

ownPages.get('/:id/edit', async (c) => {
  const comment = await requireOwn(c)
  return showForm(c, comment, { fields: fieldsOf(comment), errors: [], notice: null })
})

ownPages.post('/:id/edit', async (c) => {
  const comment = await requireOwn(c)
  const form = await readForm(c)
  const now = c.get('now')
  const field = (name: string) => form.get(name) ?? ''
  const fields = { name: field('name'), website: field('website'), body: field('body') }
  const translate = await languageOf(c, await requireBook(c.env, comment.book, now))
  try {
    const visitor = await identifyVisitor(c)
    const { status } = await changeOwnComment(contextOf(c), comment.id, fields, visitor, translate)
    return c.redirect(outcomePath(ownLocation(comment.book), status === 'held' ? 'held' : 'edited'), 303)
  } catch (cause) {
    if (!(cause instanceof Refusal)) throw cause
    const errors = cause.errors as EntryFault[]
    const notice = errors.length > 0 ? null : noticeOf(cause, translate)
    return showForm(c, comment, { fields, errors, notice }, cause)
  }
})

ownPages.post('/:id/delete', async (c) => {
  const { id, book } = await requireOwn(c)
  await deleteOwnComment(contextOf(c), id, await identifyVisitor(c))
  return c.redirect(outcomePath(ownLocation(book), 'deleted'), 303)
})

/** @throws Refusal 403 if this browser did not write the entry, or if it is too late */
async function requireOwn(c: Context<HonoEnv>): Promise<CommentRow> {
  const now = c.get('now')
  const id = c.req.param('id') ?? ''
  const comment = (await editableEntries(c)).includes(id) ? await findComment(c.env, id) : null
  if (comment && isEditable(comment, now)) return comment
  const { text } = await translator(c.env, chooseLanguage(c.req.header('Accept-Language')))
  throw new Refusal(403, 'not_yours', text('edit_expired'))
}

function fieldsOf({ name, website, body }: CommentRow): EditState['fields'] {
  return { name, website: website ?? '', body }
}

async function showForm(c: Context<HonoEnv>, comment: CommentRow, state: EditState, refusal?: Refusal) {
  const book = await requireBook(c.env, comment.book, c.get('now'))
  const translate = await languageOf(c, book)
  const page = <EditPage book={book} translate={translate} id={comment.id} state={state} />
  return c.html(renderText(page), refusal?.status ?? 200, { 'Cache-Control': 'no-store' })
}
