import type * as z from 'zod'
import type { Publishing } from '../../kit/context'
import { freshId } from '../../kit/db/ids'
import { type Bound, batch, batchNamed } from '../../kit/db/statements'
import { eraseAnswers } from '../../kit/http/idempotency'
import { iso } from '../../kit/http/pagination'
import { changedMeanwhile, invalid, orNotFound, Refusal } from '../../kit/http/problem'
import { isChanged } from '../../kit/lib/changed'
import { log } from '../../log'
import { eraseMessagesOfComments } from '../../webhooks/send/deliver/removal/erase'
import type { Book } from '../books/book'
import { loadBook, loadBooks } from '../books/cache'
import { COUNT_CHANGES, COUNT_REMOVALS } from '../books/store'
import { judgeComment } from '../rules/entries/comment-policy'
import { type commentChange, toComment } from '../schemas'
import { type CommentRow, findComment, findComments } from '../store'
import { REMEMBER_REJECTED } from '../webmentions/store'
import {
  type Change,
  END_APPROVALS,
  INSERT_EVENTS,
  INSERT_REMOVALS,
  REMOVE,
  REPLACE_EVENTS,
  UPDATE,
} from './change-store'
import { edit } from './edit'
import { announce, type Event, eventFor, type Pair, planEvent, planEvents } from './plan-events'
import { entryOfVersion, versionOf } from './versions'

/**
 * What changes in a comment. A reply of null removes the reply. `reason` is set when a decision is undone. `was` is the
 * status that the owner has seen, if it is known.
 */
export type Moderation = z.infer<typeof commentChange> & {
  reply?: string | null
  reason?: string | null
  was?: string | null
}

/** A request is bounded by this. All changes are made in one batch, with one payload for each. */
export const MAX_AT_ONCE = 50

/**
 * Changes a comment, and publishes the event for the change, if there is one.
 * @param seen the version that the person who publishes the comment has seen: see versions.ts
 * @returns the comment before and after
 * @throws Refusal 404, 409 if the comment has changed in the meantime, or 422 if the comment policy rejects the text
 */
export async function changeComment(context: Publishing, id: string, moderation: Moderation, seen?: string) {
  const before = await requireComment(context.env, id)
  requireSeen(before, moderation, seen)
  const book = await loadBook(context.env, before.book, context.now)
  const after = applyModeration(before, moderation, context.now, book)
  if (isChanged(before, after) && (await changeAll(context, [{ before, after }])).length === 0) throw entryChanged()
  return { before, after }
}

/** @throws Refusal 409 if the comment has been edited, or has another status, since it was seen */
export function requireSeen(before: CommentRow, { status, was, edited_at }: Moderation, seen?: string): void {
  const isOther = seen !== undefined && status === 'published' && seen !== versionOf(before)
  if (isOther || (was && was !== before.status) || (edited_at !== undefined && edited_at !== iso(before.edited_at)))
    throw entryChanged()
}

/**
 * Changes the status of several comments.
 * @param versions at most MAX_AT_ONCE: see versions.ts. Only what was seen is published
 * @param conditions `was`: entries that have another status by now stay as they are. `reasons`: why entries had this
 *   status before, by version, if a decision is undone
 * @returns the ids of those that were changed, and of those that have the status now. The others no longer exist, or
 *   have changed in the meantime
 */
export async function moderateComments(
  context: Publishing,
  versions: string[],
  status: CommentRow['status'],
  { was, reasons = {} }: { was?: CommentRow['status'] | undefined; reasons?: Record<string, string> }
): Promise<{ changed: string[]; done: string[] }> {
  const rows = await findComments(context.env, versions.map(entryOfVersion))
  const isSeen = (row: CommentRow) => status !== 'published' || versions.includes(versionOf(row))
  const isSame = (row: CommentRow) => was === undefined || row.status === was
  const allowed = rows.filter((row) => isAllowed(row, status) && isSeen(row) && isSame(row))
  const pairs = allowed.map((before) => {
    const reason = reasons[versionOf(before)] ?? null
    return { before, after: applyModeration(before, { status, reason }, context.now) }
  })
  const [different, same] = [pairs.filter(isDifferent), pairs.filter((pair) => !isDifferent(pair))]
  const changed = await changeAll(context, different)
  return { changed, done: [...changed, ...same.map(({ before }) => before.id)] }
}

const isDifferent = ({ before, after }: Pair): boolean => isChanged(before, after)

/**
 * Changes comments, except those that have changed in the meantime, and publishes the events.
 * @param charge makes a statement for the same batch @returns the ids of the comments that were changed
 */
export async function changeAll(
  context: Publishing,
  pairs: Pair[],
  charge: (events: Event[]) => Bound<never> | null = () => null
): Promise<string[]> {
  if (pairs.length === 0) return []
  const { env, now } = context
  const events = await planEvents(context, pairs)
  const changes = JSON.stringify(pairs.map((pair) => toChange(pair, events, now)))
  const mayReplace = pairs.some(({ before }) => before.edited_by === 'guest')
  const mayEnd = pairs.some(({ after }) => after.status === 'spam' && after.known_by !== null)
  const { updated, inserted } = await batchNamed(env, {
    replaced: mayReplace ? REPLACE_EVENTS(env, { changes, now }) : null,
    updated: UPDATE(env, { changes }),
    // Counts only if the update has changed something.
    charge: charge(events),
    inserted: INSERT_EVENTS(env, { messages: JSON.stringify(events) }),
    counted: COUNT_CHANGES(env, { list: changes }),
    ended: mayEnd ? END_APPROVALS(env, { changes }) : null,
  })
  await announce(env, events, inserted)
  return updated.map(({ id }) => id)
}

/** A change without an event, such as one in the demo, notes an id, too, so that it is counted once. */
function toChange({ before, after }: Pair, events: Event[], now: number): Change {
  const own = events.filter(({ comment_id }) => comment_id === after.id)
  const event_id = own.find(({ type }) => type !== 'comment.held')?.id
  const message_id = event_id ?? (eventFor(before, after) === null ? null : freshId('msg', now))
  const held_id = own.find(({ type }) => type === 'comment.held')?.id ?? null
  const delta = Number(after.status === 'published') - Number(before.status === 'published')
  // Spam is kept for 30 days from now on, however old it is.
  const marked = after.status === 'spam' && before.status !== 'spam' ? { approved_at: now } : {}
  return { ...after, ...marked, before, message_id, held_id, delta }
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
 * Deletes entries for good. @param more `book`: their book, if it has been deleted. `statements`: run in the same batch
 * @returns how many entries were deleted
 */
export async function deleteComments(
  { env, now, linkOrigin }: Publishing,
  rows: CommentRow[],
  { book, statements = [] }: { book?: Book; statements?: Bound<never>[] } = {}
): Promise<number> {
  const origin = linkOrigin()
  const removed = rows.map((row) => toComment({ ...row, status: 'hidden' }, origin))
  const slugs = book ? [] : rows.map((row) => row.book)
  const bookOf = await loadBooks(env, slugs, now)
  const events = removed.map((one) => planEvent('comment.removed', one, book ?? bookOf(one.book), now))
  const planned = events.filter((event) => event !== null)
  const ids = rows.map(({ id }) => id)
  const list = JSON.stringify(ids)
  const results = await batch(env, [
    INSERT_REMOVALS(env, { messages: JSON.stringify(planned) }),
    COUNT_REMOVALS(env, { list }),
    // The messages of a comment are known only as long as the comment exists.
    ...eraseMessagesOfComments(env, ids, now),
    eraseAnswers(env, ...ids),
    ...statements,
    REMEMBER_REJECTED(env, { ids: list, now }),
    REMOVE(env, { ids: list }),
  ])
  for (const id of ids) log('comment.deleted', { comment_id: id })
  await announce(env, planned, results[0].results)
  return results.at(-1)?.meta.changes ?? 0
}

/** @throws Refusal 404 */
export const requireComment = async (env: Env, id: string): Promise<CommentRow> =>
  orNotFound(await findComment(env, id), 'entry')

/** A private entry is for the owner alone, so it can never be published. */
function isAllowed({ is_private }: CommentRow, status: CommentRow['status']): boolean {
  return is_private === 0 || status !== 'published'
}

function applyModeration(before: CommentRow, moderation: Moderation, now: number, book: Book | null = null) {
  const { status = before.status, reason = null } = moderation
  const reply = moderation.reply === undefined ? before.reply : judgeReply(moderation.reply)
  if (!isAllowed(before, status))
    throw new Refusal(409, 'private', 'The guest wrote this entry only for you. It cannot be published.')
  const decided = status === before.status ? {} : { reason, approved_at: status === 'published' ? now : null }
  const replied_at = reply === before.reply ? before.replied_at : reply === null ? null : now
  return { ...before, ...edit(before, moderation, 'owner', now, { book }), ...decided, status, reply, replied_at }
}

/** @throws Refusal 422 */
function judgeReply(reply: string | null): string | null {
  if (reply === null) return null
  const judged = judgeComment({ name: 'owner', body: reply })
  if (!judged.ok) throw invalid(judged.error)
  return judged.value.body
}

/** See `changedMeanwhile`. */
export const entryChanged = (): Refusal => changedMeanwhile('This entry was changed or deleted')
