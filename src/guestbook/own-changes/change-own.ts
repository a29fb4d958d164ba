import type { Publishing } from '../../kit/context'
import { orNotFound, Refusal } from '../../kit/http/problem'
import type { Visitor } from '../../kit/http/visitor'
import { EDIT_WAIT_MS } from '../../webhooks/send/publish/publish'
import { loadBookOf } from '../books/cache'
import { type Edit, edit } from '../moderation/edit'
import {
  bookDeleted,
  changeAll,
  deleteComment,
  entryChanged,
  requireComment,
  requireSeen,
} from '../moderation/moderate'
import { type Event, needsBook, saysTheSame } from '../moderation/plan-events'
import { forAuthor } from '../rules/entries/statuses'
import type { Translator } from '../rules/languages/index'
import { type CommentOut, toComment } from '../schemas'
import { changeDropped, findForAuthor, forgetDropped } from '../signing/dropped-spam'
import { EDITABLE, isEditable } from '../signing/guest'
import { bytesOf, chargeEdit, withinQuota } from '../signing/quota'
import { forgetText } from '../signing/repeated-texts'
import { admit, requireTurn } from '../signing/require-signing'
import type { CommentRow } from '../store'
import { decideAgain } from './decide-again'

/** For the guest, who cannot restore the book. */
export const DELETED = 'This guestbook was deleted, so its entries cannot be edited. You can still delete yours.'

/**
 * Changes a guest's own comment. It is judged like a new one, so an entry that was published may have to wait, and one
 * that waits is announced again. The events are delayed for a few seconds, so that several edits become one event.
 * @returns the comment as its author may see it
 * @throws Refusal 404, 403 if it is too late, 409 if the comment has changed in the meantime or its book was deleted, 422,
 *   429 after too many entries or if the quota of the day has been used up, or 503 if the database is almost full
 */
export async function changeOwnComment(
  context: Publishing,
  id: string,
  change: Edit,
  visitor: Visitor,
  translate?: Translator
): Promise<CommentOut> {
  const { env, now } = context
  const before = await requireEditable(env, id, now)
  const { book, isDeleted } = await loadBookOf(env, before, now)
  const changed = edit(before, change, 'guest', now, { translate, book })
  // The second click on the button says what the entry says by now. It must not meet a limit, or be charged.
  if (Object.keys(changed).length === 0) return forAuthor(toComment(before, context.linkOrigin()))
  await admit(env, { door: 'edit', visitor })
  const edited = { ...before, ...changed }
  if (isDeleted && needsBook({ before, after: edited })) throw bookDeleted(DELETED)
  // A double click sends the same twice.
  if (!saysTheSame(before, edited)) requireSeen(before, change)
  const decided = await decideAgain(env, { door: 'edit', book, visitor, now }, before, edited)
  const after = { ...edited, ...decided }
  // An edit that moves an entry off the page, and into the queue, has two events.
  const charge = (events: Event[]) =>
    chargeEdit(env, book, bytesOf(after, events.map(({ payload }) => payload).join('') || undefined), visitor, now)
  const pair = { before, after, isByStranger: true, wait_ms: EDIT_WAIT_MS }
  const store = async () => {
    if (changeDropped(env, after)) return after
    if ((await changeAll(context, [pair], { charge })).pairs.length > 0) return after
    const row = await requireComment(env, id)
    if (!saysTheSame(row, after)) throw entryChanged()
    return row
  }
  return forAuthor(toComment(await withinQuota(env, after, store, now), context.linkOrigin()))
}

/** Deletes a guest's own comment. @throws Refusal 404, 403 if it is too late, 409, or 429 */
export async function deleteOwnComment(context: Publishing, id: string, visitor: Visitor) {
  await requireTurn(context.env, visitor)
  const { book, body } = await requireEditable(context.env, id, context.now)
  const inbound_id = forgetDropped(context.env, id) ? null : await deleteComment(context, id)
  forgetText(context.env, book, body)
  return inbound_id
}

/** @throws Refusal 404, or 403 if it is too late */
async function requireEditable(env: Env, id: string, now: number): Promise<CommentRow> {
  const comment = orNotFound(await findForAuthor(env, id), 'entry')
  if (isEditable(comment, now)) return comment
  const detail = `An entry can be changed or deleted for ${EDITABLE}. After that, ask the owner.`
  throw new Refusal(403, 'too_late', detail)
}
