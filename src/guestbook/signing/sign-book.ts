import type { Book } from '../../books/book'
import { type AnswerFault, judgeAnswers } from '../../core/guestbook/answers'
import { isBannedText } from '../../core/guestbook/bans'
import { type CommentInput, type FieldError, judgeComment } from '../../core/guestbook/comment-policy'
import { decide, type Facts } from '../../core/guestbook/decide'
import { type DetailFault, type Details, detailTexts, judgeDetails } from '../../core/guestbook/details'
import type { Said } from '../../core/guestbook/fold'
import { type Translator, translator } from '../../core/languages'
import { err, ok, type Result } from '../../core/lib/result'
import { isFace } from '../../core/looks/faces'
import { freshId } from '../../db/ids'
import type { Bound } from '../../db/statements'
import { maskNetwork, type Visitor } from '../../http/visitor'
import { type Message, planMessage } from '../../outbound/publish/publish'
import { type CommentOut, commentEvent, toComment } from '../schemas'
import { insertComment, insertSpam, type NewComment } from '../store'
import { MAX_FORM_AGE_MS } from './form-stamp'
import { bytesOf, quotaUse } from './quota'
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
  /**
   * The page that mentions the book, when it was published, and whether it says anything. The rules for guests apply.
   */
  mention?: { url: string; published_at: number | null; has_text: boolean }
  /** What is known about a guest's entry. */
  facts?: Partial<Omit<Facts, 'isRepeated' | 'isTrusted' | 'isPrivate'>>
  /** The approved entry that shows that the guest is known: see known-guest.ts. */
  known_by?: string | null
  /** Whether the entry is only shown, so that its text does not count as sent. */
  isPreview?: boolean
  /** The form that the guest has sent, which can be sent once. */
  form_id?: string | null
  /** The inbound message that creates the entry. */
  inbound_id?: string | null
  /** How many guestbooks the event has already passed through. */
  hops?: number
  /** How many bytes the request stores besides the entry. */
  stored?: number
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
  const { book, visitor, stored = 0, origin, now } = signing
  const comment = toComment({ ...row, edited_at: null, reply: null, replied_at: null }, origin)
  const isTold = row.status !== 'spam' && row.is_private === 0 && !book.is_demo
  const event = isTold ? planEvent(env, signing, comment, ifChanged) : null
  const bytes = bytesOf(row, event?.message.payload) + stored
  const form = { form_id: signing.form_id ?? null, oldest_form: String(now - MAX_FORM_AGE_MS) }
  const use = { ...quotaUse(book, bytes, visitor, now), ...form }
  if (row.status === 'spam') {
    return ok({ comment, message: null, statements: insertSpam(env, row, use, ifChanged) })
  }
  if (event === null) return ok({ comment, message: null, statements: insertComment(env, row, use, ifChanged) })
  const { message, statement } = event
  const message_ids = JSON.stringify([message.id])
  const inserts = insertComment(env, { ...row, message_ids }, use, ifChanged)
  return ok({ comment, message, statements: [...inserts, statement] })
}

/** Plans the event about a new comment. */
function planEvent(env: Env, { book, hops = 0, origin, now }: Signing, comment: CommentOut, ifChanged: boolean) {
  const type = `comment.${comment.status}`
  const data = commentEvent(type, comment, book, origin)
  return planMessage(env, type, data, now, { book: book.slug, hops, ifChanged })
}

async function withNetwork(row: NewComment, { visitor }: Signing): Promise<NewComment> {
  return visitor ? { ...row, author_key: await maskNetwork(visitor, row.id) } : row
}

/** Checks the input, and decides whether the entry is published. Nothing is planned yet. */
export function judgeEntry(env: Env, signing: Signing): Result<NewComment, EntryFault[]> {
  const { input, book, translate = translator('en'), visitor, mention, inbound_id = null, now } = signing
  const { known_by = null } = signing
  const text = judgeComment(input, translate)
  // Only guests are asked the questions.
  const answers = judgeAnswers(visitor ? book.questions : [], input.answers ?? [], translate)
  const details = judgeDetails(book.asks_for, input, translate)
  if (!text.ok || !answers.ok || !details.ok) {
    return err([text, answers, details].flatMap((one): EntryFault[] => (one.ok ? [] : one.error)))
  }
  const said: Said = {
    ...text.value,
    more: [...answers.value.map(({ answer }) => answer), ...detailTexts(details.value)],
  }
  return ok({
    ...text.value,
    ...decide(said, book, factsOf(env, signing, said)),
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
    known_by,
  })
}

const NOTHING_KNOWN = { isTrapped: false, formAgeMs: null }

/** @param said is cleaned: its length and its combining marks are bounded, so comparing it costs little */
function factsOf(env: Env, signing: Signing, said: Said): Facts {
  const { input, book, facts, known_by = null, mention, isPreview = false, now } = signing
  const isGuest = isByStranger(signing)
  // Several pages of a site can mention the book without a text. Then their entries show the name of the site.
  const isCompared = isGuest && !isPreview && mention?.has_text !== false
  const isRepeated = isCompared && isRepeatedText(env, book.slug, said.body, now)
  const isBanned = isGuest && (facts?.isBanned === true || isBannedText(said, book.bans, now))
  // A mention comes without a form.
  const checks = { hasProof: mention !== undefined, isConfirmed: mention !== undefined }
  return {
    ...NOTHING_KNOWN,
    isKnown: known_by !== null,
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
