import type { Book } from '../../books/book'
import type { Answer } from '../../core/guestbook/answers'
import { isBannedText } from '../../core/guestbook/bans'
import { decide } from '../../core/guestbook/decide'
import { detailTexts } from '../../core/guestbook/details'
import type { Said } from '../../core/guestbook/fold'
import { changesIdentity } from '../../core/guestbook/identity'
import { findApproved } from '../signing/known-guest'
import { forgetText, isRepeatedText, isSameText } from '../signing/repeated-texts'
import { type CommentRow, extraOf } from '../store'
import { saysTheSame } from './plan-events'

/** Facts that only the signing form provides. They were checked when the entry was new. */
const ALREADY_CHECKED = {
  isTrusted: false,
  isTrapped: false,
  formAgeMs: null,
  hasProof: true,
  isConfirmed: true,
  isPrivate: false,
}

export interface Circumstances {
  now: number
  /** Whether the owner has banned the network that the edit comes from. */
  isBanned?: (book: Book) => Promise<boolean>
}

/**
 * Judges an edit by anyone but the owner like a new entry. Only the owner publishes what waits, is hidden or is spam.
 * @returns what changes in the edited entry
 */
export async function decideAgain(
  env: Env,
  book: Book,
  before: CommentRow,
  edited: CommentRow,
  { now, isBanned }: Circumstances
): Promise<Partial<CommentRow>> {
  const { status } = before
  if (saysTheSame(before, edited) || (status !== 'published' && status !== 'held')) return {}
  const said = saidIn(edited)
  const facts = {
    ...ALREADY_CHECKED,
    isBanned: isBannedText(said, book.bans, now) || (await isBanned?.(book)) === true,
    isRepeated: isRepeatedEdit(env, before, edited, now),
    isKnown: await isStillKnown(env, book, before, edited),
  }
  const decision = decide(said, book, facts)
  return status === 'held' && decision.status === 'published' ? {} : decision
}

/** A mention is compared with nothing, because its source may change back. Guests may change their texts back, too. */
function isRepeatedEdit(env: Env, before: CommentRow, edited: CommentRow, now: number): boolean {
  if (isSameText(edited.body, before.body) || extraOf(edited).mention !== undefined) return false
  forgetText(env, before.book, before.body)
  return isRepeatedText(env, edited.book, edited.body, now)
}

/** An approval is for what the owner has seen: other links, another name or another website wait again. */
async function isStillKnown(env: Env, book: Book, before: CommentRow, edited: CommentRow): Promise<boolean> {
  const { approved_at, known_by } = before
  const isMention = extraOf(before).mention !== undefined
  if (approved_at !== null || isMention) return !changesIdentity(before, edited)
  return known_by !== null && (await findApproved(env, book, [known_by])) !== null
}

/** @returns all that an entry says */
function saidIn({ name, body, website, ...row }: CommentRow): Said {
  const answers: Answer[] = JSON.parse(row.answers)
  return { name, body, website, more: [...answers.map(({ answer }) => answer), ...detailTexts(extraOf(row))] }
}
