import { type Context, Hono } from 'hono'
import type { HonoEnv } from '../../env'
import { contextOf } from '../../kit/context'
import { noteDailyLimit } from '../../kit/db/daily-limit'
import { renderText } from '../../kit/html/render'
import { expectRefusal, readForm } from '../../kit/http/form'
import { iso } from '../../kit/http/pagination'
import { Refusal } from '../../kit/http/problem'
import { identifyVisitor } from '../../kit/http/visitor'
import { type Book, MAIN_BOOK } from '../books/book'
import { loadBook, loadBookOf, requireBook } from '../books/cache'
import type { Edit } from '../moderation/edit'
import { ownLocation } from '../reading/book-views'
import { translator } from '../reading/languages'
import { outcomePath } from '../reading/pages'
import { languageOf } from '../reading/render-book'
import { questionIds, readAnswers } from '../rules/entries/answers'
import { chooseLanguage } from '../rules/languages/index'
import { findForAuthor } from '../signing/dropped-spam'
import { isEditable, recentEntries } from '../signing/guest'
import type { EntryFault } from '../signing/judge'
import { noticeOfRefusal } from '../signing/notices'
import { EMPTY_FORM, type Fields, readFields } from '../signing/sign-form'
import { type CommentRow, extraOf } from '../store'
import { changeOwnComment, DELETED, deleteOwnComment } from './change-own'
import { EditPage, type EditState } from './edit-view'

/** `/comments/{id}/edit` and `/comments/{id}/delete`: guests change their own entry for a short time. */
export const ownPages = new Hono<HonoEnv>()

ownPages.get('/:id/edit', async (c) => showForm(c, await requireOwn(c), {}))

ownPages.post('/:id/edit', async (c) => {
  const form = await readForm(c)
  const [typed, seen] = [form.get('body') ?? undefined, form.get('edited_at')]
  const now = c.get('now')
  let comment: CommentRow | undefined
  try {
    comment = await requireOwn(c, typed)
    const { book, isDeleted } = await loadBookOf(c.env, comment, now)
    if (isDeleted) throw new Refusal(409, 'book_deleted', DELETED, { typed })
    const visitor = await identifyVisitor(c)
    const fields = offered(book, readFields(form, book.questions))
    const change = { ...fields, ...(seen !== null && { edited_at: seen || null }) }
    const translate = await languageOf(c, book)
    const { status } = await changeOwnComment(contextOf(c), comment.id, change, visitor, translate)
    return c.redirect(savedPath(comment, status), 303)
  } catch (cause) {
    noteDailyLimit(c.env, cause, now)
    const refusal = expectRefusal(cause)
    if (refusal.code === 'book_deleted') throw refusal
    // What the owner has changed since must not come back.
    const isOld = refusal.code === 'changed_meanwhile'
    const current = isOld || !comment ? await requireOwn(c, typed) : comment
    const { questions } = await requireBook(c.env, current.book, now)
    return showForm(c, current, isOld ? { typed } : { fields: readFields(form, questions), seen }, refusal)
  }
})

function savedPath({ id, book, is_private }: CommentRow, status: string): string {
  const outcome = is_private ? 'private' : status === 'held' ? 'edited_held' : 'edited'
  return outcomePath(ownLocation(book), outcome, id)
}

ownPages.post('/:id/delete', async (c) => {
  try {
    const { id, book } = await requireOwn(c)
    await deleteOwnComment(contextOf(c), id, await identifyVisitor(c))
    const isThere = (await loadBook(c.env, book, c.get('now'))) !== null
    return c.redirect(outcomePath(ownLocation(isThere ? book : MAIN_BOOK), 'deleted'), 303)
  } catch (cause) {
    // The second click gets the answer of the first.
    if (!(cause instanceof Refusal) || !(await isGone(c))) throw cause
    const { slug } = await requireBook(c.env, c.req.query('book') ?? MAIN_BOOK, c.get('now'))
    return c.redirect(outcomePath(ownLocation(slug), 'deleted'), 303)
  }
})

/** @returns whether this browser wrote an entry that no longer exists */
async function isGone(c: Context<HonoEnv>): Promise<boolean> {
  const id = c.req.param('id') ?? ''
  return (await recentEntries(c)).includes(id) && (await findForAuthor(c.env, id)) === null
}

/** @throws Refusal 403 if this browser did not write the entry, or if it is too late or gone. Its page shows `typed`. */
async function requireOwn(c: Context<HonoEnv>, typed?: string): Promise<CommentRow> {
  const now = c.get('now')
  const id = c.req.param('id') ?? ''
  const isOwn = (await recentEntries(c)).includes(id)
  const comment = isOwn ? await findForAuthor(c.env, id) : null
  if (comment && isEditable(comment, now)) return comment
  const { text } = await translator(c.env, chooseLanguage(c.req.header('Accept-Language')))
  throw new Refusal(403, 'not_yours', text(isOwn && !comment ? 'changed_meanwhile' : 'edit_expired'), { typed })
}

/** The form has no gallery of faces, and no pad, if the book has none. So the face and the drawing must not be lost. */
function offered({ avatars, drawings, has_wall }: Book, { avatar, drawing, button_url, ...fields }: Fields): Edit {
  const { name, website, body, answers, mood, place, pre } = fields
  const more = { ...(drawings !== 'off' && { drawing }), ...(has_wall && { button_url }) }
  return { name, website, body, answers, mood, place, pre, ...more, ...(avatars === 'face' && { avatar }) }
}

function fieldsOf(row: CommentRow, { questions }: Book): Fields {
  const { name, website, body, pre } = row
  const { mood = '', place = '', avatar = '', button: button_url = '' } = extraOf(row)
  const given = readAnswers(row.answers)
  const answers = questionIds(questions).map((id) => given.find(({ question_id }) => question_id === id)?.answer ?? '')
  const said = { name, body, answers, mood, place, avatar, button_url, pre: pre === 1 }
  return { ...EMPTY_FORM.fields, ...said, website: website ?? '', drawing: row.drawing ?? '' }
}

/** @param given what the guest has sent; without `fields`, the form has the entry as it is */
async function showForm(c: Context<HonoEnv>, comment: CommentRow, given: Partial<EditState>, refusal?: Refusal) {
  const book = await requireBook(c.env, comment.book, c.get('now'))
  const translate = await languageOf(c, book)
  const errors = (refusal?.errors ?? []) as EntryFault[]
  const state = {
    seen: iso(comment.edited_at),
    fields: fieldsOf(comment, book),
    ...given,
    errors,
    notice: refusal && errors.length === 0 ? noticeOfRefusal(refusal, translate) : null,
    waits: book.moderation === 'all' && comment.status === 'published',
  }
  const page = <EditPage book={book} translate={translate} id={comment.id} state={state} />
  return c.html(renderText(page), refusal?.status ?? 200, { 'Cache-Control': 'no-store', ...refusal?.headers })
}
