import { type Context, Hono } from 'hono'
import { noteAct } from '../access/audit/record'
import type { HonoEnv } from '../env'
import { contextOf } from '../kit/context'
import { all } from '../kit/db/statements'
import { renderPage } from '../kit/html/render'
import { readForm } from '../kit/http/form'
import { PAGE_SIZE, readCursor } from '../kit/http/pagination'
import { notFound, Refusal } from '../kit/http/problem'
import { cut } from '../kit/lib/text/shorten'
import { dayOf } from '../kit/lib/time'
import { noteNoChange, noteSubject } from '../kit/note-act'
import { MAIN_BOOK } from './books/book'
import { loadBook } from './books/cache'
import { readSpamCount } from './books/quota/store'
import { LIST_BOOKS, MAX_BOOKS } from './books/store'
import { findWaitingBook } from './moderation/count-waiting'
import { changeComment, deleteComment, MAX_AT_ONCE, moderateComments } from './moderation/moderate'
import { SEARCH_MAX, searchComments } from './moderation/search'
import { entryOfVersion, isVersion } from './moderation/versions'
import { seeEntries, seeEntry } from './reading/seen'
import { ENTRY_STATUSES } from './rules/entries/statuses'
import { type CommentRow, findComment } from './store'
import { ACTION_FOR, type Filter, pathOf, STATUSES } from './views/moderation-filter'
import { CommentsPage, EntryPage } from './views/moderation-views'

/** `/admin/comments`: every entry, with its status, and the queue of those that wait. */
export const moderationPages = new Hono<HonoEnv>()

moderationPages.get('/', async (c) => {
  const query = c.req.query()
  const filter = await withBook(c.env, readFilter(new URLSearchParams(query)), query.book)
  const before = readCursor('cmt', query.cursor)
  const [books, { data, next }] = await Promise.all([
    all(LIST_BOOKS(c.env, { after: '', limit: MAX_BOOKS })),
    listEntries(c.env, filter, before),
  ])
  const spam = filter.status === 'spam' ? await readSpamCount(c.env, filter.book, dayOf(c.get('now'))) : null
  const done = readDone(new URLSearchParams(query))
  const view = {
    entries: await seeEntries(c.env, data, books),
    books,
    filter: { ...filter, cursor: before ?? null },
    next,
    done,
    spam,
    now: c.get('now'),
  }
  return renderPage(c, <CommentsPage {...view} deleted={query.deleted} />)
})

/** Links in notifications lead here. */
moderationPages.get('/:id', async (c) => {
  const comment = await findComment(c.env, c.req.param('id'))
  if (!comment) throw notFound('entry')
  const now = c.get('now')
  const entry = await seeEntry(c.env, comment, await loadBook(c.env, comment.book, now))
  return renderPage(c, <EntryPage entry={entry} now={now} />)
})

function listEntries(env: Env, { status, book, q }: Filter, before: string | undefined) {
  return searchComments(env, status && { book, status }, q, before, PAGE_SIZE)
}

function readFilter(query: URLSearchParams): Filter {
  const status = ENTRY_STATUSES.find((one) => one === query.get('status')) ?? null
  const q = cut(query.get('q')?.trim() ?? '', SEARCH_MAX)
  return { status, book: query.get('book') ?? MAIN_BOOK, cursor: query.get('cursor'), q }
}

/** The queue without a book is the queue of a book in which something waits. */
async function withBook(env: Env, filter: Filter, book: string | undefined): Promise<Filter> {
  if (filter.status !== 'held' || book !== undefined) return filter
  return { ...filter, book: await findWaitingBook(env) }
}

/** What has just been done, so that it can be undone. */
function readDone(query: URLSearchParams) {
  const [status, was] = ['done', 'was'].map((name) => ENTRY_STATUSES.find((one) => one === query.get(name)))
  const ids = readIds(query.get('ids') ?? '')
  const skipped = Number(query.get('skipped')) || 0
  return status && was && (ids.length > 0 || skipped > 0) ? { status, was, ids, skipped } : null
}

/** @returns the versions of entries in a list */
function readIds(text: string): string[] {
  return text.split(',', MAX_AT_ONCE).filter(isVersion)
}

/** @returns the status to which an action leads, or undefined if there is no such action */
function statusFor(action: string | null): CommentRow['status'] | undefined {
  return STATUSES.find((status) => ACTION_FOR[status] === action)
}

/** Changes all entries that are selected. `ids` is a list of versions, or there is one field for each of them. */
moderationPages.post('/', async (c) => {
  const form = await readForm(c)
  const status = statusFor(form.get('action'))
  const ids = form.getAll('ids').flatMap(readIds).slice(0, MAX_AT_ONCE)
  if (!status || ids.length === 0) {
    throw new Refusal(422, 'invalid_input', 'Select at least one entry, and choose what to do with it.')
  }
  const changed = await moderateComments(contextOf(c), ids, status)
  noteAct(c, status)
  noteSubject(c, ...changed)
  if (changed.length === 0) noteNoChange(c)
  const done = ids.filter((version) => changed.includes(entryOfVersion(version)))
  return c.redirect(donePath(form, status, done, ids.length - done.length), 303)
})

moderationPages.post('/:id', async (c) => {
  const id = c.req.param('id')
  const form = await readForm(c)
  const action = form.get('action') ?? ''
  if (action === 'delete') return remove(c, id, form)
  const status = statusFor(action)
  if (!status) throw new Refusal(422, 'invalid_input', 'Choose one action: publish, hide, spam or delete the entry.')
  const seen = form.get('seen') ?? id
  await changeComment(contextOf(c), id, { status }, seen)
  noteAct(c, status)
  return c.redirect(donePath(form, status, [seen]), 303)
})

moderationPages.post('/:id/reply', async (c) => {
  const form = await readForm(c)
  const reply = form.get('reply')?.trim() || null
  await changeComment(contextOf(c), c.req.param('id'), { reply })
  return c.redirect(`${pathOf(readBack(form))}#${c.req.param('id')}`, 303)
})

async function remove(c: Context<HonoEnv>, id: string, form: URLSearchParams): Promise<Response> {
  const inbound_id = await deleteComment(contextOf(c), id)
  noteAct(c, 'deleted')
  return c.redirect(pathOf(readBack(form), { deleted: inbound_id ?? 'yes' }), 303)
}

/** The owner stays where the form was. */
function readBack(form: URLSearchParams): Filter {
  return readFilter(new URLSearchParams(form.get('back') ?? ''))
}

/** @param skipped how many entries were left as they are */
function donePath(form: URLSearchParams, status: string, ids: string[], skipped = 0): string {
  const was = form.get('was') ?? ''
  const more = skipped > 0 && { skipped: String(skipped) }
  return pathOf(readBack(form), { done: status, was, ids: ids.join(','), ...more })
}
