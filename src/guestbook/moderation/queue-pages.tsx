import { type Context, Hono } from 'hono'
import { COMMENT_ACTS } from '../../access/acts'
import { noteAct, noteAlso } from '../../access/audit/record'
import type { HonoEnv } from '../../env'
import { contextOf } from '../../kit/context'
import { MAX_WAITING } from '../../kit/html/contexts/waiting'
import { renderPage } from '../../kit/html/render'
import { readTimes, readTyped, readTypedTime } from '../../kit/html/typed-filter'
import { parseFields, readForm, wholeNumber } from '../../kit/http/form'
import { readCursor } from '../../kit/http/pagination'
import { Refusal } from '../../kit/http/problem'
import { isChanged } from '../../kit/lib/changed'
import { isId } from '../../kit/lib/ids'
import { cut } from '../../kit/lib/text/shorten'
import { dayOf } from '../../kit/lib/time'
import { noteNoChange, noteSubject } from '../../kit/note-act'
import { loadBook } from '../books/cache'
import { readSpamCount } from '../books/quota/store'
import { allBooks } from '../books/store'
import { seeEntries, seeEntry } from '../reading/entry-context'
import { ENTRY_STATUSES } from '../rules/entries/statuses'
import { type CommentRow, countEntries } from '../store'
import { banGuest, banIn, removeBan } from './bans'
import { eventsOf } from './events-of'
import {
  changeComment,
  deleteComment,
  type EntryChanges,
  MAX_AT_ONCE,
  moderateComments,
  requireBooks,
  requireComment,
} from './moderate'
import { ACTION_FOR, FILTERED_STATUSES, type Filter, pathOf } from './queue-filter'
import { CommentsPage, EntryPage } from './queue-views'
import { SEARCH_MAX, searchComments } from './search'
import { readUndo, type Undo, undoDecision, writeUndo } from './undo'
import { entryOfVersion, isVersion } from './versions'

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
    done: await readDone(c.env, query),
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
  const typed = Object.entries(readTyped(query, ['since', 'until'])).filter(
    ([, time]) => readTypedTime(time) !== undefined
  )
  const times = status === null && typed.length > 0 ? Object.fromEntries(typed) : undefined
  // A search would begin with entries about which much was decided long ago.
  const isOldestFirst = status === 'held' && q === '' && query.get('order') === 'oldest'
  return { status, book, cursor: query.get('cursor'), q, isOldestFirst, ...(times && { times }) }
}

const CHOOSE = 'Select at least one entry, and choose what to do with it.'

/** What has just been done, and what undoes it. */
async function readDone(env: Env, query: Record<string, string>) {
  const status = [...ENTRY_STATUSES, 'undone' as const].find((one) => one === query.done)
  const [count, skipped] = [Number(query.count) || 0, Number(query.skipped) || 0]
  if (!status || count + skipped === 0) return null
  const undo = query.undo ? await readUndo(env, query.undo) : null
  const next = entryOfVersion(undo?.entries[0]?.[0] ?? '')
  return { status, count, skipped, undo: undo && { text: query.undo ?? '', next }, isBan: Boolean(undo?.ban) }
}

/** @returns the versions of entries in a list */
const readIds = (text: string): string[] => text.split(',', SHOWN).filter(isVersion)

/** @returns the status to which an action leads, or undefined if there is no such action */
function statusFor(action: string | null): CommentRow['status'] | undefined {
  return FILTERED_STATUSES.find((status) => ACTION_FOR[status] === action)
}

/** Changes all entries that are selected, or undoes a decision. `ids` is a list of versions, or there are several. */
moderationPages.post('/', async (c) => {
  const form = await readForm(c)
  const given = form.get('undo')
  if (given !== null) return undo(c, form, given)
  const status = statusFor(form.get('action'))
  const ids = form.getAll('ids').flatMap(readIds).slice(0, SHOWN)
  if (!status || ids.length === 0) throw new Refusal(422, 'invalid_input', CHOOSE)
  if (status === 'published') await requireBooks(c.env, ids.map(entryOfVersion), c.get('now'))
  // The page may be old, or of somebody else. So only what is as it says is changed.
  const was = ENTRY_STATUSES.find((one) => one === form.get('was'))
  const changes: EntryChanges = { pairs: [], ended: [], same: [] }
  for (let i = 0; i < ids.length; i += MAX_AT_ONCE) {
    const part = await moderateComments(contextOf(c), ids.slice(i, i + MAX_AT_ONCE), status, was)
    changes.pairs.push(...part.pairs)
    changes.ended.push(...part.ended)
    changes.same.push(...part.same)
  }
  const changed = changes.pairs.map(({ after }) => after.id)
  noteAct(c, status)
  noteSubject(c, ...changed)
  if (changed.length === 0) noteNoChange(c)
  return answerDone(c, form, status, changes, { skipped: ids.length - changed.length - changes.same.length })
})

/** Undoing "Ban and spam" also ends the ban. */
async function undo(c: Context<HonoEnv>, form: URLSearchParams, given: string): Promise<Response> {
  const undo = await readUndo(c.env, given)
  if (!undo) throw new Refusal(422, 'invalid_input', 'This cannot be undone here. Find the entry under All entries.')
  const changed = await undoDecision(contextOf(c), undo)
  noteStatuses(c, undo.entries, changed)
  const [id] = changed
  if (id !== undefined && isId('ban', undo.ban)) {
    const { book } = await requireComment(c.env, id)
    if (await removeBan(c.env, book, undo.ban, c.get('now'))) noteAlso(c, 'ban.removed', book)
  }
  const skipped = undo.entries.length - changed.length
  if (isForScript(c)) return c.json({ changed, skipped })
  return c.redirect(pathOf(readBack(form), doneQuery('undone', changed.length, skipped)) + placeIn(form), 303)
}

/** Notes each status that entries have again as an act of its own. */
function noteStatuses(c: Context<HonoEnv>, entries: Undo['entries'], changed: string[]): void {
  const back = entries.map(([version, status]) => ({ id: entryOfVersion(version), status }))
  const [first, ...others] = ENTRY_STATUSES.map((status) => {
    const ids = back.filter((one) => one.status === status && changed.includes(one.id)).map(({ id }) => id)
    return { status, ids }
  }).filter(({ ids }) => ids.length > 0)
  if (!first) {
    noteNoChange(c)
    return
  }
  noteAct(c, first.status)
  noteSubject(c, ...first.ids)
  for (const { status, ids } of others) noteAlso(c, COMMENT_ACTS[status], ...ids)
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
  return isForScript(c) ? c.json({ changed: [] }) : c.redirect(`${pathOf(readBack(form))}#${id}`, 303)
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
  if (isForScript(c)) return c.json({ changed: [] })
  return c.redirect(`${pathOf(readBack(form), { banned: 'yes' })}#${id}`, 303)
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
  const changed = await changeComment(contextOf(c), id, { ...moderation, was: form.get('was') }, seen)
  const { before, after, changes } = changed
  const hasMoved = before.status !== after.status
  if (ban && hasMoved) noteAlso(c, COMMENT_ACTS[moderation.status], id)
  if (!ban && hasMoved) noteAct(c, moderation.status)
  if (!ban && !isChanged(before, after)) noteNoChange(c)
  return answerDone(c, form, moderation.status, changes, { ban: ban?.isNew ? ban.id : '' })
}

async function remove(c: Context<HonoEnv>, id: string, form: URLSearchParams): Promise<Response> {
  const inbound_id = await deleteComment(contextOf(c), id)
  noteAct(c, 'deleted')
  return c.redirect(pathOf(readBack(form), { deleted: inbound_id ?? 'yes' }) + placeIn(form), 303)
}

/** public/queue.js keeps its page, so it is told only which entries have another status, and what undoes that. */
const isForScript = (c: Context<HonoEnv>): boolean => c.req.header('Accept') === 'application/json'

/** Longer addresses are not safe with every browser and proxy. */
const MAX_IN_ADDRESS = 6_000

/** @param more `skipped`: how many entries were left as they are. `ban`: the ban that undoing ends */
async function answerDone(
  c: Context<HonoEnv>,
  form: URLSearchParams,
  status: CommentRow['status'],
  changes: EntryChanges,
  { skipped = 0, ban = '' }: { skipped?: number; ban?: string }
): Promise<Response> {
  const undo = await writeUndo(c.env, status, changes, ban)
  const changed = [...changes.pairs.map(({ after }) => after.id), ...changes.same]
  if (isForScript(c)) return c.json({ changed, undo, endsBan: ban !== '' })
  const query = { ...doneQuery(status, changed.length, skipped), ...(undo.length <= MAX_IN_ADDRESS && { undo }) }
  return c.redirect(pathOf(readBack(form), query) + placeIn(form), 303)
}

function doneQuery(done: string, count: number, skipped: number): Record<string, string> {
  return { done, count: String(count), ...(skipped > 0 && { skipped: String(skipped) }) }
}

/** The owner stays where the form was. */
const readBack = (form: URLSearchParams): Filter => readFilter(new URLSearchParams(form.get('back') ?? ''))

/** The next entry, if the form names it, so that the browser goes on there. */
function placeIn(form: URLSearchParams): string {
  const next = form.get('next') ?? ''
  return isId('cmt', next) ? `#${next}` : ''
}
