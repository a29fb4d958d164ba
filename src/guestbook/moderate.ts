import type { z } from '@hono/zod-openapi'
import { judgeComment } from '../core/guestbook/comment-policy'
import { type Bound, batch, run } from '../db/statements'
import { invalid, notFound, Refusal } from '../http/problem'
import { log } from '../log'
import { planMessage, wakeListeners } from '../outbound/publish/publish'
import { loadBook } from './book'
import { type CommentOut, type commentChange, commentEvent, toComment } from './schemas'
import { type CommentRow, findComment, removeComment, updateComment } from './store'

type Change = z.infer<typeof commentChange>

/**
 * Changes the status or the text of a comment, and publishes the event for the change, if there is one.
 * @throws Refusal 404, 409 if the comment has changed in the meantime, or 422 if the comment policy rejects the text
 */
export async function changeComment(env: Env, id: string, change: Change, origin: string, now: number) {
  const before = await requireComment(env, id)
  const after = applyChange(before, change, now)
  const type = eventFor(before, after)
  // A removal reports the text that was on the page. An edit made in the same request was never public.
  const reported = type === 'comment.removed' ? { ...before, status: after.status } : after
  await writeAndPublish(env, updateComment(env, before, after), type, toComment(reported, origin), now)
  return toComment(after, origin)
}

/** Deletes a comment. @throws Refusal 404, or 409 if the comment has changed in the meantime */
export async function deleteComment(env: Env, id: string, origin: string, now: number): Promise<void> {
  const before = await requireComment(env, id)
  const type = before.status === 'published' ? 'comment.removed' : null
  const reported = toComment({ ...before, status: 'hidden' }, origin)
  await writeAndPublish(env, removeComment(env, id), type, reported, now)
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

/** @throws Refusal 409 if the comment has changed since it was read. In that case, nothing is written or published */
async function writeAndPublish(env: Env, write: Bound<never>, type: string | null, comment: CommentOut, now: number) {
  if (type === null) return requireChange(await run(write))
  const event = commentEvent(comment, await loadBook(env, now), new URL(comment.url).origin)
  const { message, statement } = planMessage(env, type, event, now, { ifChanged: true, book: comment.book })
  const results = await batch(env, [write, statement])
  requireChange(results[0].meta.changes)
  await wakeListeners(env, message, results)
  log('comment.moderated', { comment_id: comment.id, event_type: type })
}

function requireChange(changes: number): void {
  if (changes > 0) return
  const detail = 'This entry was changed or deleted in the meantime. Reload it, then try again.'
  throw new Refusal(409, 'changed_meanwhile', detail)
}
