import type { Publishing } from '../../kit/context'
import { loadBook } from '../books/cache'
import { edit } from '../moderation/edit'
import { changeAll } from '../moderation/moderate'
import type { ChangedEntry } from '../moderation/plan-events'
import { decideAgain } from '../own-changes/decide-again'
import type { CommentText } from '../rules/entries/entry-content'
import type { CommentRow } from '../store'

/**
 * Updates entries that show webmentions, because their sources have changed. The rules of the book apply again. If the
 * owner has edited an entry, it keeps the owner's text.
 * @returns the ids of entries that changed in the meantime, and were not updated
 */
export async function changeMentions(
  context: Publishing,
  changes: { before: CommentRow; text: CommentText }[]
): Promise<string[]> {
  const pairs = await Promise.all(changes.map(({ before, text }) => planChange(context, before, text)))
  const needed = pairs.filter((pair) => pair !== null)
  const { pairs: changed } = await changeAll(context, needed)
  return needed.filter((pair) => !changed.includes(pair)).map(({ before }) => before.id)
}

/** @returns null if nothing changes, or if the book was deleted */
async function planChange(
  { env, now }: Publishing,
  before: CommentRow,
  text: CommentText
): Promise<ChangedEntry | null> {
  const { name, website, body } = text
  const changed = before.edited_by === 'owner' ? {} : edit(before, { name, website, body }, 'guest', now)
  const book = await loadBook(env, before.book, now)
  if (!book || Object.keys(changed).length === 0) return null
  const edited = { ...before, ...changed }
  const decided = await decideAgain(env, { door: 'mention_edit', book, now }, before, edited)
  return { before, after: { ...edited, ...decided }, isByStranger: true }
}
