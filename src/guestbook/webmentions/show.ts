import { batch } from '../../kit/db/statements'
import { log } from '../../log'
import { acceptsMentions } from '../books/book'
import { loadBook } from '../books/cache'
import { deleteComments } from '../moderation/moderate'
import { mentionText } from '../rules/webmentions/mention-text'
import { type EntryDraft, sign } from '../signing/sign'
import type { CommentRow } from '../store'
import { changeMentions } from './change-mentions'
import type { ReadSource } from './read-html'
import { type Checked, type Claimed, FETCH_EVERY_MS, settle, settleRemoved } from './store'

/* Entries that show mentions. An entry is added or deleted in the same batch as its mention changes. */

/** Removes the entries whose source is gone, or no longer links to the guestbook. */
export async function removeEntries(env: Env, list: Checked[], reason: string, origin: string, now: number) {
  if (list.length === 0) return
  const settled = list.map(({ mention }) => settleRemoved(env, mention, reason))
  const comments = list.flatMap(({ comment }) => comment ?? [])
  if (comments.length === 0) await batch(env, settled)
  else await deleteComments({ env, now, linkOrigin: () => origin }, comments, { statements: settled })
}

/** Updates the entries whose source has changed. An entry that changes at the same moment is tried again in an hour. */
export async function updateEntries(env: Env, list: Checked[], read: ReadSource, origin: string, now: number) {
  if (list.length === 0) return
  const rows = list.flatMap(({ comment }) => comment ?? [])
  const text = ({ mention }: Checked) => mentionText(read.page, mention.source, now)
  const edits = list.flatMap((one) => (one.comment ? [{ before: one.comment, text: text(one) }] : []))
  const missed = await changeMentions({ env, now, linkOrigin: () => origin }, edits)
  const retry = { reason: 'changed_meanwhile', due_at: now + FETCH_EVERY_MS }
  const isMissed = (row: CommentRow | null) => row !== null && missed.includes(row.id)
  const settled = list.map(({ mention, comment }) => settle(env, mention, isMissed(comment) ? retry : {}))
  await batch(env, settled)
  log('webmention.updated', { entries: rows.length - missed.length })
}

/** Adds an entry for a mention. The book's rules decide whether it is published. Its size was counted in receive.ts. */
export async function showMention(env: Env, mention: Claimed, read: ReadSource, origin: string, now: number) {
  const book = await loadBook(env, mention.book, now)
  if (!book || !acceptsMentions(book)) return void (await batch(env, [settle(env, mention, { reason: 'closed' })]))
  const { published_at, has_text, ...input } = mentionText(read.page, mention.source, now)
  const about: EntryDraft = {
    door: 'mention',
    input,
    book,
    mention: { url: mention.source, published_at, has_text },
    // A redirect to another host says nothing about the host of the source.
    ...(read.isSameHost && { proof: { page: mention.source } }),
    ifChanged: true,
    origin,
    now,
  }
  const signed = await sign(env, about, async ({ comment, statements }) => {
    const results = await batch(env, [settle(env, mention, { comment_id: comment.id }), ...statements])
    return { results: results[0].meta.changes === 0 ? [] : results }
  })
  if (!signed.ok) throw new Error(`A mention was not accepted: ${signed.error.map(({ path }) => path).join(', ')}.`)
  const { comment, results } = signed.value
  if (comment.status === 'spam' && results.at(-1)?.meta.changes === 0) {
    // The book keeps no more spam today, so there is no entry. The mention can be sent again.
    await batch(env, [settle(env, { ...mention, comment_id: comment.id }, { comment_id: null, reason: 'spam' })])
  }
}
