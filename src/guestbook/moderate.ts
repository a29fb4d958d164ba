import type { z } from '@hono/zod-openapi'
import { judgeComment } from '../core/guestbook/comment-policy'
import { batch } from '../db/statements'
import { eraseAnswers } from '../http/idempotency'
import { invalid, notFound, Refusal } from '../http/problem'
import { log } from '../log'
import { eraseMessagesOfComment } from '../outbound/deliver/removal/erase'
import { planMessage, wakeListeners } from '../outbound/publish/publish'
import { loadBook } from './book'
import { type CommentOut, type commentChange, commentEvent, toComment } from './schemas'
import { type CommentRow, findComment, removeComment, removeIfPublished, updateComment } from './store'

type Change = z.infer<typeof commentChange>

/**
 * Changes the status or the text of a comment, and publishes the event for the change, if there is one.
 * @throws Refusal 404, 409 if the comment has changed in the meantime, or 422 if the comment policy rejects the text
 */
export async function changeComment(env: Env, id: string, change: Change, origin: string, now: number) {
  const before = await requireComment(env, id)
  const after = applyChange(before, change, now)
  const type = eventFor(before, after)
  // A removal reports the entry that was on the page. An edit made in the same request was never public.
  const reported = type === 'comment.removed' ? { ...before, status: after.status } : after
  const event = type === null ? null : await planEvent(env, type, toComment(reported, origin), now)
  const update = updateComment(env, before, after, event?.message.id ?? null)
  const results = await batch(env, [update, ...(event ? [event.statement] : [])])
  requireChange(results[0].meta.changes)
  if (event) await announce(env, event, results)
  return toComment(after, origin)
}

/**
 * Deletes a comment for good, together with what events and stored responses say about it.
 * @returns the id of the inbound message that created the entry, or null. That message still contains the text
 * @throws Refusal 404, or 409 if the comment was deleted in the meantime
 */
export async function deleteComment(env: Env, id: string, origin: string, now: number): Promise<string | null> {
  const before = await requireComment(env, id)
  const removed = toComment({ ...before, status: 'hidden' }, origin)
  const event = await planEvent(env, 'comment.removed', removed, now)
  const erasures = [...eraseMessagesOfComment(env, id, now), eraseAnswers(env, id)]
  // The status may have changed since it was read. The event is published only if the comment is still on the page.
  const removal = [removeIfPublished(env, id), event.statement, removeComment(env, id)]
  const results = await batch(env, [...erasures, ...removal])
  const [published = 0, , other = 0] = results.slice(-removal.length).map(({ meta }) => meta.changes)
  requireChange(published + other)
  log('comment.deleted', { comment_id: id })
  if (published > 0) await announce(env, event, results)
  return before.inbound_id
}

async function requireComment(env: Env, id: string): Promise<CommentRow> {
  const comment = await findComment(env, id)
  if (!comment) throw notFound('comment')
  return comment
}

function applyChange(before: CommentRow, { status = before.status, body }: Change, now: number): CommentRow {
  const reason = status === before.status ? before.reason : null
  if (body === undefined) return { ...before, status, reason }
  const judged = judgeComment({ name: before.name, body })
  if (!judged.ok) throw invalid(judged.error)
  const isEdited = judged.value.body !== before.body
  return { ...before, status, reason, body: judged.value.body, edited_at: isEdited ? now : before.edited_at }
}

/** Events describe the public page. There is no event if the comment was not on it before or after the change. */
function eventFor(before: CommentRow, after: CommentRow): string | null {
  if (after.status !== 'published') return before.status === 'published' ? 'comment.removed' : null
  if (before.status !== 'published') return 'comment.published'
  return before.body === after.body ? null : 'comment.updated'
}

type Event = ReturnType<typeof planMessage>

async function planEvent(env: Env, type: string, comment: CommentOut, now: number): Promise<Event> {
  const data = commentEvent(type, comment, await loadBook(env, now), new URL(comment.url).origin)
  return planMessage(env, type, data, now, { ifChanged: true, book: comment.book })
}

/** @param results the results of the batch that inserted the event */
async function announce(env: Env, { message }: Event, results: readonly D1Result[]): Promise<void> {
  await wakeListeners(env, message, results)
  log('comment.moderated', { message_id: message.id, event_type: message.type })
}

/** @throws Refusal 409 if nothing was changed. In that case, nothing was published */
function requireChange(changes: number): void {
  if (changes > 0) return
  const detail = 'This entry was changed or deleted in the meantime. Reload it, then try again.'
  throw new Refusal(409, 'changed_meanwhile', detail)
}
