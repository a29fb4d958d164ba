import type { Book } from '../../books/book'
import { type AnswerFault, judgeAnswers } from '../../core/guestbook/answers'
import { isBannedText } from '../../core/guestbook/bans'
import { type CommentInput, type CommentText, type FieldError, judgeComment } from '../../core/guestbook/comment-policy'
import { decide, type Facts } from '../../core/guestbook/decide'
import { type DetailFault, type Details, judgeDetails } from '../../core/guestbook/details'
import { type Translator, translator } from '../../core/languages'
import { err, ok, type Result } from '../../core/lib/result'
import { dayOf } from '../../core/lib/time'
import { isFace } from '../../core/looks/faces'
import { freshId } from '../../db/ids'
import type { Bound } from '../../db/statements'
import { maskNetwork, type Visitor } from '../../http/visitor'
import { type Message, planMessage } from '../../outbound/publish/publish'
import { moderationLinks } from '../moderation/links'
import { type CommentOut, commentEvent, toComment } from '../schemas'
import { insertComment, insertSpam, type NewComment } from '../store'
import { bytesOf } from './quota'
import { isRepeatedText } from './repeated-texts'

export interface Entry extends CommentInput, Details {
  /** In the order of the book's questions. */
  answers?: string[] | undefined
  is_private?: boolean | undefined
  /** The slug of a face. Any other text counts as none. */
  avatar?: string | undefined
}

export type EntryFault = FieldError | AnswerFault | DetailFault

export interface Signing {
  input: Entry
  book: Book
  /** The language of the error messages; English if it is not given. */
  translate?: Translator
  /** The visitor who is signing; null for the owner, for sources and for webmentions. */
  visitor: Visitor | null
  /** The page that mentions the book, and when it was published. The rules for guests apply. */
  mention?: { url: string; published_at: number | null }
  /** What is known about a guest's entry. */
  facts?: Partial<Omit<Facts, 'isRepeated' | 'isTrusted' | 'isPrivate'>>
  /** Whether the entry is only shown, so that its text does not count as sent. */
  isPreview?: boolean
  /** The inbound message that creates the entry. */
  inbound_id?: string | null
  /** How many guestbooks the event has already passed through. */
  hops?: number
  origin: string
  now: number
}

interface SignedComment {
  comment: CommentOut
  /** The message to publish; null for spam, for private entries, and in the demo guestbook. */
  message: Message | null
  /** Statements to run in one batch, in this order. */
  statements: Bound<unknown>[]
}

/**
 * Plans a new comment and its event.
 * @param options.ifChanged inserts the comment and the event only if the previous statement in the batch changed a row
 * @returns the comment and the statements that insert it, or what is wrong with the input
 */
export async function planComment(
  env: Env,
  signing: Signing,
  { ifChanged = false }: { ifChanged?: boolean } = {}
): Promise<Result<SignedComment, EntryFault[]>> {
  const judged = judgeEntry(env, signing)
  if (!judged.ok) return judged
  const row = await withNetwork(judged.value, signing)
  const { book, hops = 0, origin, now } = signing
  const quota = isByStranger(signing) ? book.daily_quota_mb * 1_000_000 : 0
  const use = { day: dayOf(now), bytes: bytesOf(row), quota }
  const comment = toComment({ ...row, edited_at: null, reply: null, replied_at: null }, origin)
  if (row.status === 'spam') {
    return ok({ comment, message: null, statements: insertSpam(env, row, use, ifChanged) })
  }
  if (row.is_private === 1 || book.is_demo) {
    return ok({ comment, message: null, statements: insertComment(env, row, use, ifChanged) })
  }
  const type = `comment.${comment.status}`
  const id = freshId('msg', now)
  const ids = { comment_id: comment.id, message_id: id }
  const links = comment.status === 'held' ? { moderation: await moderationLinks(env, ids, origin, now) } : {}
  const data = { ...commentEvent(type, comment, book, origin), ...links }
  const { message, statement } = planMessage(env, type, data, now, { id, book: book.slug, hops, ifChanged })
  const message_ids = JSON.stringify([message.id])
  const inserts = insertComment(env, { ...row, message_ids }, use, ifChanged)
  return ok({ comment, message, statements: [...inserts, statement] })
}

async function withNetwork(row: NewComment, { visitor }: Signing): Promise<NewComment> {
  return visitor ? { ...row, author_key: await maskNetwork(visitor, row.id) } : row
}

/** Checks the input, and decides whether the entry is published. Nothing is planned yet. */
export function judgeEntry(env: Env, signing: Signing): Result<NewComment, EntryFault[]> {
  const { input, book, translate = translator('en'), visitor, mention, inbound_id = null, now } = signing
  const text = judgeComment(input, translate)
  // Only guests are asked the questions.
  const answers = judgeAnswers(visitor ? book.questions : [], input.answers ?? [], translate)
  const details = judgeDetails(book.asks_for, input, translate)
  if (!text.ok || !answers.ok || !details.ok) {
    return err([text, answers, details].flatMap((one): EntryFault[] => (one.ok ? [] : one.error)))
  }
  return ok({
    ...text.value,
    ...decide(text.value, book, factsOf(env, signing, text.value)),
    id: freshId('cmt', now),
    book: book.slug,
    created_at: now,
    author_key: null,
    country: visitor?.country ?? null,
    inbound_id,
    is_private: Number(input.is_private === true),
    answers: JSON.stringify(answers.value),
    extra: JSON.stringify({
      ...details.value,
      ...(isFace(input.avatar ?? '') && { avatar: input.avatar }),
      ...(mention && { mention: mention.url, mention_at: mention.published_at }),
    }),
    message_ids: '[]',
  })
}

const NOTHING_KNOWN = { isTrapped: false, formAgeMs: null, isKnown: false }

/** @param text is cleaned: its length and its combining marks are bounded, so comparing it costs little */
function factsOf(env: Env, signing: Signing, text: CommentText): Facts {
  const { input, book, facts, mention, isPreview = false, now } = signing
  const isGuest = isByStranger(signing)
  const isRepeated = isGuest && !isPreview && isRepeatedText(env, book.slug, text.body, now)
  const isBanned = isGuest && (facts?.isBanned === true || isBannedText(text, book.bans, now))
  // A mention comes without a form.
  const checks = { hasProof: mention !== undefined, isConfirmed: mention !== undefined }
  return {
    ...NOTHING_KNOWN,
    ...checks,
    ...facts,
    isTrusted: !isGuest,
    isPrivate: input.is_private === true,
    isRepeated,
    isBanned,
  }
}

/** Whether the rules and the quota for guests apply. */
function isByStranger({ visitor, mention }: Signing): boolean {
  return visitor !== null || mention !== undefined
}
