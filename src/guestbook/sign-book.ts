import { type CommentInput, type FieldError, judgeComment } from '../core/guestbook/comment-policy'
import { ok, type Result } from '../core/lib/result'
import { freshId } from '../db/ids'
import type { Visitor } from '../http/visitor'
import { type Message, planMessage } from '../outbound/publish/publish'
import { loadBook } from './book'
import { type CommentOut, commentEvent, toComment } from './comment'
import { insertComment, type NewComment } from './store'

export interface Signing {
  input: CommentInput
  visitor: Visitor | null
  /** A field that people do not see was filled in: kept for the owner to look at, told to nobody. */
  suspicious: boolean
  origin: string
  now: number
}

export interface SignedComment {
  comment: CommentOut
  message: Message | null
  statements: D1PreparedStatement[]
}

/**
 * What signing the book takes: the entry and, unless it is suspected spam, the message that says so, to be written in one batch.
 * @param options.ifChanged only if the statement before them in the batch changed a row
 */
export async function planComment(
  env: Env,
  signing: Signing,
  options: { ifChanged?: boolean } = {}
): Promise<Result<SignedComment, FieldError[]>> {
  const judged = judgeComment(signing.input)
  if (!judged.ok) return judged
  const { origin, now, visitor, suspicious } = signing
  const row: NewComment = {
    ...judged.value,
    ...(suspicious && { status: 'spam', reason: 'honeypot' }),
    id: freshId('cmt', now),
    book: 'main',
    created_at: now,
    author_key: visitor?.key ?? null,
    country: visitor?.country ?? null,
  }
  const comment = toComment({ ...row, edited_at: null }, origin)
  const statements = insertComment(env, row, options)
  if (comment.status === 'spam') return ok({ comment, message: null, statements })
  const event = commentEvent(comment, await loadBook(env, now), origin)
  const { message, statement } = planMessage(env, `comment.${comment.status}`, event, now, {
    book: comment.book,
    ...options,
  })
  return ok({ comment, message, statements: [...statements, statement] })
}
