import { type Context, Hono } from 'hono'
import { COMMENT_ACTS } from '../access/acts'
import { noteAct, noteAlso } from '../access/audit/record'
import type { HonoEnv } from '../env'
import { contextOf } from '../kit/context'
import { MAX_WAITING } from '../kit/html/contexts/waiting'
import { renderPage } from '../kit/html/render'
import { readTime, readTimes, readTyped } from '../kit/html/typed-filter'
import { parseFields, readForm, wholeNumber } from '../kit/http/form'
import { readCursor } from '../kit/http/pagination'
import { Refusal } from '../kit/http/problem'
import { isChanged } from '../kit/lib/changed'
import { isId } from '../kit/lib/ids'
import { cut } from '../kit/lib/text/shorten'
import { dayOf } from '../kit/lib/time'
import { noteNoChange, noteSubject } from '../kit/note-act'
import { loadBook } from './books/cache'
import { readSpamCount } from './books/quota/store'
import { allBooks } from './books/store'
import { banGuest, banIn, removeBan } from './moderation/bans'
import { eventsOf } from './moderation/events-of'
import { changeComment, deleteComment, MAX_AT_ONCE, moderateComments, requireComment } from './moderation/moderate'
import { SEARCH_MAX, searchComments } from './moderation/search'
import { entryOfVersion, isVersion } from './moderation/versions'
import { seeEntries, seeEntry } from './reading/seen'
import { ENTRY_STATUSES } from './rules/entries/statuses'
import { type CommentRow, countEntries } from './store'
import { ACTION_FOR, type Filter, pathOf, STATUSES } from './views/moderation/filter'
import { CommentsPage, EntryPage } from './views/moderation/views'

/** How many entries a page shows, and how many can be changed at once. */
const SHOWN = 60

/** `/admin/comments`: every entry, with its status, and the queue of those that wait. */
export const moderationPages = new Hono<HonoEnv>()

moderationPages.get('/', async (c) => {
  const query = c.req.query()
  const now = c.get('now')
  const [waiting, books] = await Promise.all([c.get('countWaiting')?.() ?? 0, allBooks(c.env)])
  const filter = readFilter(new URLSearchParams(query), waiting > 0 && query.q === undefined)
  const before = readCursor('cmt', query.cursor)
  const { status, book, isOldestFirst } = filter
  const times = readTimes({ range: '', since: '', until: '', ...filter.times }, now)
  // The list of one book reads less than the list of all books. Only the list of all entries has those of deleted books.
  const only = status !== null && books.length === 1 ? (books[0]?.slug ?? null) : null
  const place = { status, isOldestFirst, book: book ?? only }
  const [{ data, next }, counts, spam] = await Promise.all([
    searchComments(c.env, place, filter.q, before, SHOWN, times),
    countEntries(c.env, book, book === null ? ['hidden', 'spam'] : COUNTED, MAX_WAITING),
    status === 'spam' ? readSpamCount(c.env, book, dayOf(now)) : null,
  ])
  const ofBook = books.filter(({ slug }) => book === null || slug === book)
  const published = ofBook.reduce((sum, { published_count }) => sum + published_count, 0)
  const view = {
    entries: await seeEntries(c.env, data, books),
    books,
    filter: { ...filter, cursor: before ?? null },
    counts: { ...counts, published },
    next,
    done: readDone(new URLSearchParams(query)),
    spam,
    query,
    now,
  }
  return renderPage(c, <CommentsPage {...view} />)
})

/** The number of published entries is kept with each book. */
const COUNTED = ENTRY_STATUSES.filter((status) => status !== 'published')

/** Links in notifications lead here. */
moderationPages.get('/:id', async (c) => {
  const comment = await requireComment(c.env, c.req.param('id'))
  const now = c.get('now')
  const [book, events] = await Promise.all([loadBook(c.env, comment.book, now), eventsOf(c.env, comment.id)])
  return renderPage(c, <EntryPage entry={await seeEntry(c.env, comment, book)} events={events} now={now} />)
})

/** @param isWaiting whether the page without a status lists what waits; otherwise, all entries */
function readFilter(query: URLSearchParams, isWaiting = false): Filter {
  const given = query.get('status')
  const status = ENTRY_STATUSES.find((one) => one === given) ?? (isWaiting && given === null ? 'held' : null)
  const q = cut(query.get('q')?.trim() ?? '', SEARCH_MAX)
  const book = query.get('book') || null
  const typed = Object.entries(readTyped(query, ['since', 'until'])).filter(([, time]) => readTime(time) !== undefined)
  const times = status === null && typed.length > 0 ? Object.fromEntries(typed) : undefined
  // A search would begin with entries about which much was decided long ago.
  const isOldestFirst = status === 'held' && q === '' && query.get('order') === 'oldest'
  return { status, book, cursor: query.get('cursor'), q, isOldestFirst, ...(times && { times }) }
}

const CHOOSE = 'Select at least one entry, and choose what to do with it.'

/** What has just been done, so that it can be undone. */
function readDone(query: URLSearchParams) {
  const [status, was] = ['done', 'was'].map((name) => ENTRY_STATUSES.find((one) => one === query.get(name)))
  const ids = readIds(query.get('ids') ?? '')
  const skipped = Number(query.get('skipped')) || 0
  const [why = '', ban = ''] = ['why', 'ban'].map((name) => query.get(name) ?? '')
  return status && (ids.length > 0 || skipped > 0) ? { status, was, ids, skipped, why, ban } : null
}

/** @returns the versions of entries in a list */
const readIds = (text: string): string[] => text.split(',', SHOWN).filter(isVersion)

/** @returns why entries had the status to which they return; empty if the form undoes nothing */
function readReasons(form: URLSearchParams, ids: string[]): Record<string, string> {
  const given = form.getAll('why')
  const known = ids.map((id, i) => [id, given[i] ?? ''] as const).filter(([, why]) => /^[a-z_]{1,20}$/.test(why))
  return Object.fromEntries(known)
}

/** @returns the status to which an action leads, or undefined if there is no such action */
function statusFor(action: string | null): CommentRow['status'] | undefined {
  return STATUSES.find((status) => ACTION_FOR[status] === action)
}

/** Changes all entries that are selected. `ids` is a list of versions, or there is one field for each of them. */
moderationPages.post('/', async (c) => {
  const form = await readForm(c)
  const status = statusFor(form.get('action'))
  const ids = form.getAll('ids').flatMap(readIds).slice(0, SHOWN)
  if (!status || ids.length === 0) throw new Refusal(422, 'invalid_input', CHOOSE)
  const changed: string[] = []
  const done: string[] = []
  // The address says what can be undone, and anybody can make an address. So only what is as it says is changed.
  const was = ENTRY_STATUSES.find((one) => one === form.get('was'))
  const conditions = { was, reasons: readReasons(form, ids) }
  for (let i = 0; i < ids.length; i += MAX_AT_ONCE) {
    const moderated = await moderateComments(contextOf(c), ids.slice(i, i + MAX_AT_ONCE), status, conditions)
    changed.push(...moderated.changed)
    done.push(...moderated.done)
  }
  await endBan(c, form.get('ban') ?? '', changed)
  noteAct(c, status)
  noteSubject(c, ...changed)
  if (changed.length === 0) noteNoChange(c)
  const versions = ids.filter((version) => done.includes(entryOfVersion(version)))
  return answer(c, donePath(form, status, versions, ids.length - versions.length), done)
})

/** Undoing "Ban and spam" also ends the ban. @param changed the entries that are back */
async function endBan(c: Context<HonoEnv>, ban: string, [id]: string[]): Promise<void> {
  if (id === undefined || !isId('ban', ban)) return
  const { book } = await requireComment(c.env, id)
  if (await removeBan(c.env, book, ban, c.get('now'))) noteAlso(c, 'ban.removed', book)
}

moderationPages.post('/:id', async (c) => {
  const id = c.req.param('id')
  const form = await readForm(c)
  const action = form.get('action') ?? ''
  if (action === 'delete') return remove(c, id, form)
  const status = statusFor(action)
  if (!status) throw new Refusal(422, 'invalid_input', CHOOSE)
  return change(c, id, form, { status })
})

/** Saves a reply. With the action `publish`, the entry appears together with the reply, and there is one event. */
moderationPages.post('/:id/reply', async (c) => {
  const id = c.req.param('id')
  const form = await readForm(c)
  const reply = form.get('reply')?.trim() || null
  if (form.get('action') === 'publish') return change(c, id, form, { status: 'published', reply })
  const { before, after } = await changeComment(contextOf(c), id, { reply })
  if (!isChanged(before, after)) noteNoChange(c)
  return answer(c, `${pathOf(readBack(form))}#${id}`, [])
})

/** Bans the guest who wrote an entry. With the action `spam`, the entry is spam, too. */
moderationPages.post('/:id/ban', async (c) => {
  const id = c.req.param('id')
  const form = await readForm(c)
  const { book } = await requireComment(c.env, id)
  const [by, days] = [form.get('by'), wholeNumber(form.get('days'))]
  const ban = await banGuest(c.env, book, parseFields(banIn, { by, comment_id: id, days }), c.get('now'))
  noteSubject(c, book)
  if (form.get('action') === 'spam') return makeSpam(c, id, form, { ...ban, book })
  return answer(c, `${pathOf(readBack(form), { banned: 'yes' })}#${id}`, [])
})

/** A ban is undone together with the change, unless it took the place of an earlier one. */
async function makeSpam(c: Context<HonoEnv>, id: string, form: URLSearchParams, ban: NewBan): Promise<Response> {
  try {
    return await change(c, id, form, { status: 'spam' }, ban)
  } catch (cause) {
    if (ban.isNew && cause instanceof Refusal) await removeBan(c.env, ban.book, ban.id, c.get('now'))
    throw cause
  }
}

type NewBan = { book: string; id: string; isNew: boolean }
type Change = { status: CommentRow['status']; reply?: string | null }

/** @param ban the ban that was made together with the change */
async function change(c: Context<HonoEnv>, id: string, form: URLSearchParams, moderation: Change, ban?: NewBan) {
  const seen = form.get('seen') ?? id
  const { before, after } = await changeComment(contextOf(c), id, { ...moderation, was: form.get('was') }, seen)
  const hasMoved = before.status !== after.status
  if (ban && hasMoved) noteAlso(c, COMMENT_ACTS[moderation.status], id)
  if (!ban && hasMoved) noteAct(c, moderation.status)
  if (!ban && !isChanged(before, after)) noteNoChange(c)
  const undone = ban?.isNew ? ban.id : ''
  return answer(c, donePath(form, moderation.status, [seen], 0, undone), [id], undone)
}

async function remove(c: Context<HonoEnv>, id: string, form: URLSearchParams): Promise<Response> {
  const inbound_id = await deleteComment(contextOf(c), id)
  noteAct(c, 'deleted')
  return c.redirect(pathOf(readBack(form), { deleted: inbound_id ?? 'yes' }) + placeIn(form), 303)
}

/** public/queue.js keeps its page, so it is told only which entries have another status, and what else to undo. */
function answer(c: Context<HonoEnv>, path: string, changed: string[], ban = ''): Response {
  return c.req.header('Accept') === 'application/json'
    ? c.json({ changed, ...(ban && { ban }) })
    : c.redirect(path, 303)
}

/** The owner stays where the form was. */
const readBack = (form: URLSearchParams): Filter => readFilter(new URLSearchParams(form.get('back') ?? ''))

/** The next entry, if the form names it, so that the browser goes on there. */
function placeIn(form: URLSearchParams): string {
  const next = form.get('next') ?? ''
  return isId('cmt', next) ? `#${next}` : ''
}

/** @param skipped how many entries were left as they are */
function donePath(form: URLSearchParams, status: string, ids: string[], skipped = 0, ban = ''): string {
  const was = form.get('was') ?? ''
  const why = form.get('why')
  const more = { ...(skipped > 0 && { skipped: String(skipped) }), ...(why && { why }), ...(ban && { ban }) }
  return pathOf(readBack(form), { done: status, was, ids: ids.join(','), ...more }) + placeIn(form)
}
