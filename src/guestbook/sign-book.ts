import type { Book } from '../books/book'
import { type CommentInput, type FieldError, judgeComment } from '../core/guestbook/comment-policy'
import type { Translator } from '../core/languages'
import { ok, type Result } from '../core/lib/result'
import { dayOf } from '../core/lib/time'
import { freshId } from '../db/ids'
import type { Bound } from '../db/statements'
import type { Visitor } from '../http/visitor'
import { type Message, planMessage } from '../outbound/publish/publish'
import { bytesOf } from './quota'
import { type CommentOut, commentEvent, toComment } from './schemas'
import { insertComment } from './store'

export interface Signing {
  input: CommentInput
  book: Book
  /** The language of the error messages; English if it is not given. */
  translate?: Translator
  /** The visitor who is signing; null for the owner and for sources. */
  visitor: Visitor | null
  /** Whether the form's hidden field was filled in. If so, the entry is kept as spam, without an event. */
  suspicious: boolean
  /** The inbound message that creates the entry. */
  inbound_id?: string | null
  /** How many guestbooks the event has already passed through. */
  hops?: number
  origin: string
  now: number
}

interface SignedComment {
  comment: CommentOut
  /** The message to publish; null for spam. */
  message: Message | null
  /** Statements to run in one batch, in this order. */
  statements: Bound<unknown>[]
}

/**
 * Plans a new comment and its event.
 * @param options.ifChanged inserts the comment and the event only if the previous statement in the batch changed a row
 * @returns the comment and the statements that insert it, or the errors that the comment policy found
 */
export function planComment(
  env: Env,
  { input, book, translate, visitor, suspicious, inbound_id = null, hops = 0, origin, now }: Signing,
  { ifChanged = false }: { ifChanged?: boolean } = {}
): Result<SignedComment, FieldError[]> {
  const judged = judgeComment(input, translate)
  if (!judged.ok) return judged
  const row = {
    ...judged.value,
    ...(suspicious && { status: 'spam' as const, reason: 'honeypot' }),
    id: freshId('cmt', now),
    book: book.slug,
    created_at: now,
    author_key: null,
    country: visitor?.country ?? null,
    inbound_id,
    is_private: 0,
    answers: '[]',
    extra: '{}',
  }
  const use = { day: dayOf(now), bytes: bytesOf(judged.value), quota: visitor ? book.daily_quota_mb * 1_000_000 : 0 }
  const comment = toComment({ ...row, edited_at: null, reply: null, replied_at: null }, origin)
  if (row.status === 'spam') {
    return ok({ comment, message: null, statements: insertComment(env, { ...row, message_ids: '[]' }, use, ifChanged) })
  }
  const type = `comment.${row.status}`
  const event = commentEvent(type, comment, book, origin)
  const { message, statement } = planMessage(env, type, event, now, { book: comment.book, hops, ifChanged })
  const inserts = insertComment(env, { ...row, message_ids: JSON.stringify([message.id]) }, use, ifChanged)
  return ok({ comment, message, statements: [...inserts, statement] })
}
