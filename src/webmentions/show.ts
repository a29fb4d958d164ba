import { acceptsMentions, type Book } from '../books/book'
import { loadBook } from '../books/cache'
import { mentionText } from '../core/webmentions/mention-text'
import { batch } from '../db/statements'
import { changeMentions } from '../guestbook/moderation/change-mentions'
import { deleteComments } from '../guestbook/moderation/moderate'
import { planComment } from '../guestbook/signing/sign-book'
import type { CommentRow } from '../guestbook/store'
import { log } from '../log'
import { wakeListeners } from '../outbound/publish/publish'
import type { ReadSource } from './read-source'
import { type Checked, type Claimed, findApprovedMention, HOUR_MS, settle } from './store'

/* Entries that show mentions. An entry is added or deleted in the same batch as its mention changes. */

/** Removes the entries whose source is gone, or no longer links to the guestbook. */
export async function removeEntries(env: Env, list: Checked[], reason: string, origin: string, now: number) {
  if (list.length === 0) return
  const settled = list.map(({ mention, comment }) => {
    // What the owner has rejected stays rejected: a mention without its entry never comes back.
    const isRejected = comment?.status === 'hidden' || comment?.status === 'spam'
    return settle(env, mention, { reason, comment_id: isRejected ? mention.comment_id : null })
  })
  const comments = list.flatMap(({ comment }) => comment ?? [])
  if (comments.length === 0) await batch(env, settled)
  else await deleteComments(env, comments, origin, now, { statements: settled })
}

/** Updates the entries whose source has changed. An entry that changes at the same moment is tried again in an hour. */
export async function updateEntries(env: Env, list: Checked[], read: ReadSource, origin: string, now: number) {
  if (list.length === 0) return
  const rows = list.flatMap(({ comment }) => comment ?? [])
  const text = ({ mention }: Checked) => mentionText(read.page, mention.source, now)
  const missed = await changeMentions(
    env,
    list.flatMap((one) => (one.comment ? [{ before: one.comment, text: text(one) }] : [])),
    origin,
    now
  )
  const retry = { reason: 'changed_meanwhile', due_at: now + HOUR_MS }
  const isMissed = (row: CommentRow | null) => row !== null && missed.includes(row.id)
  await batch(
    env,
    list.map(({ mention, comment }) => settle(env, mention, isMissed(comment) ? retry : {}))
  )
  log('webmention.updated', { entries: rows.length - missed.length })
}

/** Adds an entry for a mention. The book's rules decide whether it is published. Its size was counted in receive.ts. */
export async function showMention(env: Env, mention: Claimed, read: ReadSource, origin: string, now: number) {
  const book = await loadBook(env, mention.book, now)
  if (!book || !acceptsMentions(book)) return void (await batch(env, [settle(env, mention, { reason: 'closed' })]))
  const { published_at, has_text, ...input } = mentionText(read.page, mention.source, now)
  const known_by = await approvedBefore(env, mention, read, book)
  const signing = {
    input,
    book,
    visitor: null,
    mention: { url: mention.source, published_at, has_text },
    known_by,
    origin,
    now,
  }
  const planned = await planComment(env, signing, { ifChanged: true })
  if (!planned.ok) throw new Error(`A mention was not accepted: ${planned.error.map(({ path }) => path).join(', ')}.`)
  const { comment, message, statements } = planned.value
  const shown = settle(env, mention, { comment_id: comment.id })
  const results = await batch(env, [shown, ...statements])
  if (results[0].meta.changes === 0) return
  if (comment.status === 'spam' && results.at(-1)?.meta.changes === 0) {
    // The book keeps no more spam today, so there is no entry. The mention can be sent again.
    await batch(env, [settle(env, { ...mention, comment_id: comment.id }, { comment_id: null, reason: 'spam' })])
  }
  log('webmention.shown', { id: comment.id, status: comment.status, message_id: message?.id })
  await wakeListeners(env, message, results)
}

/** A redirect to another host says nothing about the host of the source. */
async function approvedBefore(env: Env, { source }: Claimed, { isSameHost }: ReadSource, { slug, moderation }: Book) {
  return moderation === 'first' && isSameHost ? findApprovedMention(env, slug, source) : null
}
