import type { z } from '@hono/zod-openapi'
import type { Book } from '../../books/book'
import { loadBook } from '../../books/cache'
import { COUNT_CHANGES, COUNT_REMOVALS } from '../../books/store'
import { type CommentText, judgeComment } from '../../core/guestbook/comment-policy'
import { spanOf } from '../../core/lib/time'
import { type Bound, batch } from '../../db/statements'
import { eraseAnswers } from '../../http/idempotency'
import { invalid, notFound, Refusal } from '../../http/problem'
import { log } from '../../log'
import { eraseMessagesOfComments } from '../../outbound/deliver/removal/erase'
import { type Message, newMessage, wakeInserted } from '../../outbound/publish/publish'
import { type CommentOut, type commentChange, commentEvent, toComment } from '../schemas'
import { EDITABLE_MS, isEditable } from '../signing/guest'
import { type CommentRow, findComment, findComments } from '../store'
import { type Change, INSERT_EVENTS, INSERT_REMOVALS, REMOVE, UPDATE } from './change-store'
import { decideAgain } from './decide-again'

/** What changes in a comment. A reply of null removes the reply. */
type Moderation = z.infer<typeof commentChange> & { reply?: string | null }

/** A request is bounded by this. All changes are made in one batch, with one payload for each. */
export const MAX_AT_ONCE = 50

/**
 * Changes a comment, and publishes the event for the change, if there is one.
 * @throws Refusal 404, 409 if the comment has changed in the meantime, or 422 if the comment policy rejects the text
 */
export async function changeComment(env: Env, id: string, moderation: Moderation, origin: string, now: number) {
  const before = await requireComment(env, id)
  const after = applyModeration(before, moderation, now)
  const changed = await changeAll(env, [{ before, after }], origin, now)
  if (changed.length === 0) throw changedMeanwhile()
  return toComment(after, origin)
}

/**
 * Changes the status of several comments.
 * @param ids at most MAX_AT_ONCE
 * @returns the ids of those that were changed. The others no longer exist, or have changed in the meantime
 */
export async function moderateComments(
  env: Env,
  ids: string[],
  status: CommentRow['status'],
  origin: string,
  now: number
): Promise<string[]> {
  const rows = await findComments(env, ids)
  const pairs = rows.flatMap((before) =>
    isAllowed(before, status) ? [{ before, after: applyModeration(before, { status }, now) }] : []
  )
  return changeAll(env, pairs, origin, now)
}

export interface Pair {
  before: CommentRow
  after: CommentRow
}

type Event = Message & { book: string; comment_id: string }

/** Changes comments, and publishes the events. @returns the ids of those that had not changed in the meantime */
export async function changeAll(env: Env, pairs: Pair[], origin: string, now: number): Promise<string[]> {
  if (pairs.length === 0) return []
  const events = await planEvents(env, pairs, origin, now)
  const changes = JSON.stringify(pairs.map((pair) => toChange(pair, events)))
  const [updated, inserted] = await batch(env, [
    UPDATE(env, { changes }),
    INSERT_EVENTS(env, { messages: JSON.stringify(events) }),
    COUNT_CHANGES(env, { list: changes }),
  ])
  await announce(env, events, inserted.results)
  return updated.results.map(({ id }) => id)
}

function toChange({ before, after }: Pair, events: Event[]): Change {
  const { status, name, website, body, reply } = before
  const message_id = events.find((event) => event.comment_id === after.id)?.id ?? null
  const delta = Number(after.status === 'published') - Number(before.status === 'published')
  return { ...after, before: { status, name, website, body, reply }, message_id, delta }
}

async function planEvents(env: Env, pairs: Pair[], origin: string, now: number): Promise<Event[]> {
  const events = await Promise.all(
    pairs.map(({ before, after }) => {
      const type = eventFor(before, after)
      // A removal reports the entry that was on the page. An edit made in the same request was never public.
      const reported = type === 'comment.removed' ? { ...before, status: after.status } : after
      return type === null ? null : planEvent(env, type, toComment(reported, origin), now)
    })
  )
  return events.filter((event) => event !== null)
}

/** @returns null if the book of the comment is the demo or has been deleted, so no event is due */
async function planEvent(
  env: Env,
  type: string,
  comment: CommentOut,
  now: number,
  deleted?: Book
): Promise<Event | null> {
  const book = deleted ?? (await loadBook(env, comment.book, now))
  if (!book || book.is_demo) return null
  const data = commentEvent(type, comment, book, new URL(comment.url).origin)
  return { ...newMessage(type, data, comment.book, now), comment_id: comment.id }
}

/**
 * Deletes a comment for good, together with what events and stored responses say about it.
 * @returns the id of the inbound message that created the entry, or null. That message still contains the text
 * @throws Refusal 404, or 409 if the comment was deleted in the meantime
 */
export async function deleteComment(env: Env, id: string, origin: string, now: number): Promise<string | null> {
  const before = await requireComment(env, id)
  if ((await deleteComments(env, [before], origin, now)) === 0) throw changedMeanwhile()
  return before.inbound_id
}

/** How many statements `deleteComments` runs, for the budget of a sweep. */
export const DELETION_STATEMENTS = 9

/**
 * Deletes several comments for good.
 * @param more `book`: the book, if it has been deleted. `statements`: run in the same batch
 * @returns how many were deleted
 */
export async function deleteComments(
  env: Env,
  rows: CommentRow[],
  origin: string,
  now: number,
  { book, statements = [] }: { book?: Book; statements?: Bound<never>[] } = {}
): Promise<number> {
  const removed = rows.map((row) => toComment({ ...row, status: 'hidden' }, origin))
  const events = await Promise.all(removed.map((one) => planEvent(env, 'comment.removed', one, now, book)))
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
    REMOVE(env, { ids: list }),
  ])
  for (const id of ids) log('comment.deleted', { comment_id: id })
  await announce(env, planned, results[0].results)
  return results.at(-1)?.meta.changes ?? 0
}

async function requireComment(env: Env, id: string): Promise<CommentRow> {
  const comment = await findComment(env, id)
  if (!comment) throw notFound('comment')
  return comment
}

/** A private entry is for the owner alone, so it can never be published. */
function isAllowed({ is_private }: CommentRow, status: CommentRow['status']): boolean {
  return is_private === 0 || status !== 'published'
}

function applyModeration(before: CommentRow, moderation: Moderation, now: number): CommentRow {
  const { status = before.status } = moderation
  const reply = moderation.reply === undefined ? before.reply : judgeReply(before.name, moderation.reply)
  if (!isAllowed(before, status)) throw new Refusal(409, 'private', 'The guest wrote this entry only for you.')
  const reason = status === before.status ? before.reason : null
  const replied_at = reply === before.reply ? before.replied_at : reply === null ? null : now
  return { ...before, ...edit(before, moderation, 'owner', now), status, reason, reply, replied_at }
}

/** @throws Refusal 422 */
function judgeReply(name: string, reply: string | null): string | null {
  if (reply === null) return null
  const judged = judgeComment({ name, body: reply })
  if (!judged.ok) throw invalid(judged.error)
  return judged.value.body
}

/** @returns the columns that an edit changes. @throws Refusal 422 */
export function edit(
  before: CommentRow,
  change: Moderation,
  edited_by: 'owner' | 'guest',
  now: number
): Partial<CommentRow> {
  const { name = before.name, body = before.body, website = before.website } = change
  if (change.name === undefined && change.body === undefined && change.website === undefined) return {}
  const judged = judgeComment({ name, body, website })
  if (!judged.ok) throw invalid(judged.error)
  return saysTheSame(before, judged.value) ? {} : { ...judged.value, edited_at: now, edited_by }
}

function saysTheSame(one: CommentText, other: CommentText): boolean {
  return one.name === other.name && one.body === other.body && one.website === other.website
}

/** Events describe the public page. There is no event if the comment was not on it before or after the change. */
function eventFor(before: CommentRow, after: CommentRow): string | null {
  if (after.status !== 'published') return before.status === 'published' ? 'comment.removed' : null
  if (before.status !== 'published') return 'comment.published'
  return saysTheSame(before, after) && before.reply === after.reply ? null : 'comment.updated'
}

/**
 * Changes a guest's own comment. The rules of the book apply again, so an entry that was published may have to wait.
 * @throws Refusal 404, 403 if it is too late, 409 if the comment has changed in the meantime, or 422
 */
export async function changeOwnComment(
  env: Env,
  id: string,
  change: Pick<Moderation, 'name' | 'body' | 'website'>,
  origin: string,
  now: number
): Promise<CommentOut> {
  const before = await requireEditable(env, id, now)
  const edited = { ...before, ...edit(before, change, 'guest', now) }
  const after = { ...edited, ...(await decideAgain(env, edited, now)) }
  const changed = await changeAll(env, [{ before, after }], origin, now)
  if (changed.length === 0) throw changedMeanwhile()
  return toComment(after, origin)
}

/** @throws Refusal 404, or 403 if it is too late */
export async function requireEditable(env: Env, id: string, now: number): Promise<CommentRow> {
  const comment = await requireComment(env, id)
  if (isEditable(comment, now)) return comment
  throw new Refusal(
    403,
    'too_late',
    `A comment can be changed or deleted for ${spanOf(EDITABLE_MS)}. Ask the owner to do it.`
  )
}

/** @param inserted the messages that were inserted */
async function announce(env: Env, events: Event[], inserted: { id: string; dispatched_at: number | null }[]) {
  await wakeInserted(env, events, inserted)
  const ids = new Set(inserted.map(({ id }) => id))
  for (const { id, type } of events) {
    if (ids.has(id)) log('comment.moderated', { message_id: id, event_type: type })
  }
}

/** Nothing was changed, and nothing was published. */
function changedMeanwhile(): Refusal {
  const detail = 'This entry was changed or deleted in the meantime. Reload it, then try again.'
  return new Refusal(409, 'changed_meanwhile', detail)
}
