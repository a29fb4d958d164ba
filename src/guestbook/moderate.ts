import type { z } from '@hono/zod-openapi'
import { judgeComment } from '../core/guestbook/comment-policy'
import { invalid, notFound, Refusal } from '../http/problem'
import { log } from '../log'
import { needsDispatch, planMessage } from '../outbound/publish/publish'
import { wakeDispatch } from '../queue/send'
import { loadBook } from './book'
import { type CommentOut, type commentChange, commentEvent, toComment } from './comment'
import { type CommentRow, findComment, removeComment, updateComment } from './store'

/**
 * The owner changes an entry; whoever listens is told what that means for the page.
 * @throws Refusal 404, or 422 for words that the comment policy refuses
 */
export async function changeComment(
  env: Env,
  id: string,
  change: z.infer<typeof commentChange>,
  origin: string,
  now: number
): Promise<CommentOut> {
  const before = await findComment(env, id)
  if (!before) throw notFound('comment')
  const after = changed(before, change, now)
  const event = eventFor(before, after)
  // Words that were never on the page are told to nobody, also when an entry is changed as it goes.
  const told = event === 'comment.removed' ? { ...before, status: after.status } : after
  await writeAndTell(env, updateComment(env, before, after), event, toComment(told, origin), now)
  return toComment(after, origin)
}

/** Deletes an entry for good. @throws Refusal 404 */
export async function deleteComment(
  env: Env,
  id: string,
  origin: string,
  now: number
): Promise<void> {
  const before = await findComment(env, id)
  if (!before) throw notFound('comment')
  const gone = before.status === 'published' ? 'comment.removed' : null
  const comment = toComment({ ...before, status: 'hidden' }, origin)
  await writeAndTell(env, removeComment(env, id), gone, comment, now)
}

function changed(
  before: CommentRow,
  { status = before.status, body }: z.infer<typeof commentChange>,
  now: number
): CommentRow {
  const reason = status === before.status ? before.reason : null
  if (body === undefined) return { ...before, status, reason }
  const judged = judgeComment({ name: before.name, body })
  if (!judged.ok) throw invalid(judged.error)
  const edited = judged.value.body !== before.body
  return {
    ...before,
    status,
    reason,
    body: judged.value.body,
    edited_at: edited ? now : before.edited_at,
  }
}

/** What changed on the page; what was never on it is nobody's business. */
function eventFor(before: CommentRow, after: CommentRow): string | null {
  if (after.status !== 'published') return before.status === 'published' ? 'comment.removed' : null
  if (before.status !== 'published') return 'comment.published'
  return before.body === after.body ? null : 'comment.updated'
}

/** @throws Refusal 409 when the entry was changed by somebody else since it was read: then nothing is written, nor told */
async function writeAndTell(
  env: Env,
  write: D1PreparedStatement,
  type: string | null,
  comment: CommentOut,
  now: number
): Promise<void> {
  if (type === null) return requireChange(await write.run())
  const origin = new URL(comment.url).origin
  const event = commentEvent(comment, await loadBook(env, now), origin)
  const { message, statement } = planMessage(env, type, event, now, {
    ifChanged: true,
    book: comment.book,
  })
  const results = await env.DB.batch([write, statement])
  requireChange(results[0])
  if (needsDispatch(results)) await wakeDispatch(env, [message])
  log('comment.moderated', { id: comment.id, event: type })
}

function requireChange(result: D1Result | undefined): void {
  if (result?.meta.changes) return
  const detail =
    'The entry was changed or deleted by somebody else just now. Look at it, then try again.'
  throw new Refusal(409, 'changed_meanwhile', detail)
}
