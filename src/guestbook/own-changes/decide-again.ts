import { statesAfter } from '../../kit/lib/states'
import { saysTheSame } from '../moderation/plan-events'
import { approvedAt, ENTRY_ACTS, type EntryStatus } from '../rules/entries/statuses'
import { applies } from '../signing/doors'
import { type Circumstances, decideOn } from '../signing/judge'
import { isStillKnown } from '../signing/known-guest'
import { forgetText, isRepeatedText, isSameText } from '../signing/repeated-texts'
import type { CommentRow } from '../store'

/**
 * Judges an edit by anyone but the owner like a new entry. It never publishes an entry that waits: only the owner does.
 * @returns what changes in the edited entry
 */
export async function decideAgain(
  env: Env,
  circumstances: Circumstances,
  before: CommentRow,
  edited: CommentRow
): Promise<Partial<Pick<CommentRow, 'status' | 'reason' | 'approved_at'>>> {
  const { status } = before
  const isPrivate = before.is_private === 1
  // What the owner has hidden stays hidden, and spam stays spam.
  if (saysTheSame(before, edited) || status === 'spam' || (status === 'hidden' && !isPrivate)) return {}
  const isKnown = await isStillKnown(env, circumstances.book, before, edited)
  const isRepeated = isRepeatedEdit(env, circumstances, before, edited)
  const decision = await decideOn(circumstances, edited, { isKnown, isRepeated, isPrivate })
  if (decision.status === 'spam') return { ...decision, approved_at: approvedAt('spam', circumstances.now) }
  return statesAfter<EntryStatus>(ENTRY_ACTS.edited, status).includes(decision.status) ? decision : {}
}

/** Guests may change their texts back. */
function isRepeatedEdit(env: Env, { door, now }: Circumstances, before: CommentRow, edited: CommentRow): boolean {
  if (!applies('repeated', door) || isSameText(edited.body, before.body)) return false
  forgetText(env, before.book, before.body)
  return isRepeatedText(env, edited.book, edited.body, now)
}
