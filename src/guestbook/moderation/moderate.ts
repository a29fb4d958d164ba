import type * as z from 'zod'
import type { Publishing } from '../../kit/context'
import { freshId } from '../../kit/db/ids'
import { type Bound, batch, batchNamed } from '../../kit/db/statements'
import { eraseAnswers } from '../../kit/http/act-once'
import { iso } from '../../kit/http/pagination'
import { changedMeanwhile, invalid, orNotFound, Refusal } from '../../kit/http/problem'
import { isChanged } from '../../kit/lib/changed'
import { log } from '../../log'
import { removingCopies } from '../../webhooks/receive/messages/erase'
import { erasingMessages } from '../../webhooks/send/deliver/erase'
import type { Book } from '../books/book'
import { loadAnyBooks, loadBookOf } from '../books/cache'
import { COUNT_CHANGES, COUNT_REMOVALS } from '../books/store'
import { judgeComment } from '../rules/entries/entry-content'
import { approvedAt, canHave, effectOf } from '../rules/entries/statuses'
import { type commentChange, toComment } from '../schemas'
import { type CommentRow, findComment, findComments } from '../store'
import { REMEMBER_REJECTED } from '../webmentions/store'
import {
  type Change,
  END_APPROVALS,
  INSERT_EVENTS,
  INSERT_REMOVALS,
  REMOVE_ENTRIES,
  REPLACE_EVENTS,
  UPDATE,
} from './change-store'
import { edit } from './edit'
import { announce, type ChangedEntry, type Event, eventFor, needsBook, planEvent, planEvents } from './plan-events'
import { entryOfVersion, versionOf } from './versions'

/** What changes in a comment. A reply of null removes the reply. `was` is the status that the owner has seen, if known. */
type EntryChange = z.infer<typeof commentChange> & { reply?: string | null; was?: string | null }

/** What was changed: see undo.ts. */
export interface EntryChanges {
  /** The entries that were changed. */
  pairs: ChangedEntry[]
  /** The ids of other entries, which were approved until one that relied on them became spam. */
  ended: string[]
  /** The ids of entries that were already so. */
  same: string[]
}

const NOTHING: EntryChanges = { pairs: [], ended: [], same: [] }

/** A request is bounded by this. All changes are made in one batch, with one payload for each. */
export const MAX_AT_ONCE = 50

/**
 * Changes a comment, and publishes the event for the change, if there is one.
 * @param seen the version that the person who publishes the comment has seen: see versions.ts
 * @returns the comment before and after, and what was changed
 * @throws Refusal 404, 409 if the comment has changed in the meantime or its book was deleted, or 422 if the comment
 *   policy rejects the text
 */
export async function changeComment(context: Publishing, id: string, moderation: EntryChange, seen?: string) {
  const before = await requireComment(context.env, id)
  requireSeen(before, moderation, seen)
  const { book, isDeleted } = await loadBookOf(context.env, before, context.now)
  const after = applyModeration(before, moderation, context.now, book)
  if (isDeleted && needsBook({ before, after })) throw bookDeleted()
  if (!isChanged(before, after)) return { before, after, changes: { ...NOTHING, same: [id] } }
  const changes = await changeAll(context, [{ before, after }])
  if (changes.pairs.length === 0) throw entryChanged()
  return { before, after, changes }
}

/** @throws Refusal 409 if the comment has been edited, or has another status, since it was seen */
export function requireSeen(before: CommentRow, { status, was, edited_at }: EntryChange, seen?: string): void {
  const isOther = seen !== undefined && status === 'published' && seen !== versionOf(before)
  if (isOther || (was && was !== before.status) || (edited_at !== undefined && edited_at !== iso(before.edited_at)))
    throw entryChanged()
}

/**
 * Changes the status of several comments.
 * @param versions at most MAX_AT_ONCE: see versions.ts. Only what was seen is published
 * @param was entries that have another status by now stay as they are
 * @returns what was changed. The other entries no longer exist, or have changed in the meantime
 */
export async function moderateComments(
  context: Publishing,
  versions: string[],
  status: CommentRow['status'],
  was?: CommentRow['status']
): Promise<EntryChanges> {
  const rows = await findComments(context.env, versions.map(entryOfVersion))
  const isSeen = (row: CommentRow) => status !== 'published' || versions.includes(versionOf(row))
  const isSame = (row: CommentRow) => was === undefined || row.status === was
  const allowed = rows.filter((row) => canHave(row, status) && isSeen(row) && isSame(row))
  const pairs = allowed.map((before) => ({ before, after: applyModeration(before, { status }, context.now) }))
  const changes = await changeAll(context, pairs.filter(isDifferent))
  return { ...changes, same: pairs.filter((pair) => !isDifferent(pair)).map(({ before }) => before.id) }
}

const isDifferent = ({ before, after }: ChangedEntry): boolean => isChanged(before, after)

interface Together {
  /** Makes a statement for the same batch. */
  charge?: (events: Event[]) => Bound<never>
  /** Changes the approvals of other entries. By default, it ends those on which an entry relied that becomes spam. */
  approvals?: Bound<{ id: string }> | null
}

/** Changes comments, except those that have changed in the meantime, and publishes the events. */
export async function changeAll(
  context: Publishing,
  pairs: ChangedEntry[],
  together: Together = {}
): Promise<EntryChanges> {
  if (pairs.length === 0) return NOTHING
  const { env, now } = context
  const events = await planEvents(context, pairs)
  const changes = JSON.stringify(pairs.map((pair) => toChange(pair, events, now)))
  const mayReplace = pairs.some(({ before }) => before.edited_by === 'guest')
  const mayEnd = pairs.some(({ after }) => after.status === 'spam' && after.known_by !== null)
  const { charge, approvals = mayEnd ? END_APPROVALS(env, { changes }) : null } = together
  const { updated, inserted, ended } = await batchNamed(env, {
    replaced: mayReplace ? REPLACE_EVENTS(env, { changes, now }) : null,
    updated: UPDATE(env, { changes }),
    // Counts only if the update has changed something.
    charge: charge?.(events) ?? null,
    inserted: INSERT_EVENTS(env, { messages: JSON.stringify(events) }),
    counted: COUNT_CHANGES(env, { list: changes }),
    ended: approvals,
  })
  await announce(env, events, inserted)
  const ids = new Set(updated.map(({ id }) => id))
  const done = pairs.filter(({ after }) => ids.has(after.id))
  return { pairs: done, ended: ended.map(({ id }) => id), same: [] }
}

/** A change without an event, such as one in the demo, notes an id, too, so that it is counted once. */
function toChange({ before, after }: ChangedEntry, events: Event[], now: number): Change {
  const own = events.filter(({ comment_id }) => comment_id === after.id)
  const event_id = own.find(({ type }) => type !== 'comment.held')?.id
  const message_id = event_id ?? (eventFor(before, after) === null ? null : freshId('msg', now))
  const held_id = own.find(({ type }) => type === 'comment.held')?.id ?? null
  const delta = effectOf(before.status, after.status).count
  return { ...after, before, message_id, held_id, delta, needs_book: needsBook({ before, after }) ? 1 : 0 }
}

/**
 * Deletes an entry for good, and erases its text from events and stored responses.
 * @returns the id of the inbound message that created it, or null. That message still contains the text
 * @throws Refusal 404, or 409 if it was deleted in the meantime
 */
export async function deleteComment(context: Publishing, id: string): Promise<string | null> {
  const before = await requireComment(context.env, id)
  if ((await deleteComments(context, [before])) === 0) throw entryChanged()
  return before.inbound_id
}

/** How many statements `deleteComments` runs, for the budget of a sweep. */
export const DELETION_STATEMENTS = 10

/**
 * Deletes entries for good, also those of a deleted book. @param more `statements`: run in the same batch
 * @returns how many entries were deleted
 */
export async function deleteComments(
  { env, now, linkOrigin }: Publishing,
  rows: CommentRow[],
  { statements = [] }: { statements?: Bound<never>[] } = {}
): Promise<number> {
  const origin = linkOrigin()
  const removed = rows.map((row) => toComment({ ...row, status: 'hidden' }, origin))
  const slugs = rows.map(({ book }) => book)
  const anyOf = await loadAnyBooks(env, slugs, now)
  const events = removed.map((one) => planEvent('comment.removed', one, anyOf(one.book)?.book ?? null, now))
  const planned = events.filter((event) => event !== null)
  const ids = rows.map(({ id }) => id)
  const list = JSON.stringify(ids)
  const results = await batch(env, [
    INSERT_REMOVALS(env, { messages: JSON.stringify(planned) }),
    COUNT_REMOVALS(env, { list }),
    // The messages of a comment are known only as long as the comment exists.
    ...eraseEventsOf(env, ids, now),
    eraseAnswers(env, ...ids),
    ...statements,
    REMEMBER_REJECTED(env, { ids: list, now }),
    REMOVE_ENTRIES(env, { ids: list }),
  ])
  for (const id of ids) log('comment.deleted', { comment_id: id })
  await announce(env, planned, results[0].results)
  return results.at(-1)?.meta.changes ?? 0
}

/** @throws Refusal 404 */
export const requireComment = async (env: Env, id: string): Promise<CommentRow> =>
  orNotFound(await findComment(env, id), 'entry')

function applyModeration(before: CommentRow, moderation: EntryChange, now: number, book: Book | null = null) {
  const { status = before.status } = moderation
  const reply = moderation.reply === undefined ? before.reply : judgeReply(moderation.reply)
  const isAnswered = reply !== null && reply !== before.reply
  if ((status !== before.status && !canHave(before, status)) || (isAnswered && before.is_private === 1))
    throw new Refusal(409, 'private', PRIVATE)
  const decided = status === before.status ? {} : { reason: null, approved_at: approvedAt(status, now) }
  const replied_at = reply === before.reply ? before.replied_at : reply === null ? null : now
  return { ...before, ...edit(before, moderation, 'owner', now, { book }), ...decided, status, reply, replied_at }
}

const PRIVATE = 'The guest wrote this entry only for you. It cannot be published or wait for that, and takes no reply.'

/** @throws Refusal 422 */
function judgeReply(reply: string | null): string | null {
  if (reply === null) return null
  const judged = judgeComment({ name: 'owner', body: reply })
  if (!judged.ok) throw invalid(judged.error)
  return judged.value.body
}

/** Nobody can see what is published or edited in a deleted book, and receivers would keep it if it is not restored. */
export const bookDeleted = (detail = 'The book of this entry was deleted. Restore the book first.'): Refusal =>
  new Refusal(409, 'book_deleted', detail)

/** @throws Refusal 409 if one of these entries is in a book that was deleted, where nothing can be published */
export async function requireBooks(env: Env, ids: string[], now: number): Promise<void> {
  const slugs = new Set((await findComments(env, ids)).map(({ book }) => book))
  const anyOf = await loadAnyBooks(env, [...slugs], now)
  if ([...slugs].some((slug) => anyOf(slug)?.isDeleted)) throw bookDeleted()
}

/** See `changedMeanwhile`. */
export const entryChanged = (): Refusal => changedMeanwhile('This entry was changed or deleted')

type OfComments = { comment_ids: string; now: number }

const MESSAGE_IDS = `
    select m.value as id
    from json_each(:comment_ids) j
    cross join comments c on c.id = j.value
    cross join json_each(c.message_ids) m`

const ERASE_EVENTS = [...erasingMessages<OfComments>(MESSAGE_IDS), ...removingCopies<OfComments>(MESSAGE_IDS)]

/** Erases the events about entries, and the built-in receiver's copies. Delete the entries later in the same batch. */
function eraseEventsOf(env: Env, comment_ids: string[], now: number): Bound<never>[] {
  return ERASE_EVENTS.map((erase) => erase(env, { comment_ids: JSON.stringify(comment_ids), now }))
}
