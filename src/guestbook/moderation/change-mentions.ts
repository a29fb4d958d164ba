import { loadBook } from '../books/cache'
import type { CommentText } from '../rules/entries/comment-policy'
import type { CommentRow } from '../store'
import { decideAgain } from './decide-again'
import { changeAll, edit } from './moderate'
import type { Pair } from './plan-events'

/**
 * Updates entries that show webmentions, because their sources have changed. The rules of the book apply again. If the
 * owner has edited an entry, it keeps the owner's text.
 * @param changes at most MAX_AT_ONCE
 * @returns the ids of the entries that have changed in the meantime, and were not updated
 */
export async function changeMentions(
  env: Env,
  changes: { before: CommentRow; text: CommentText }[],
  origin: string,
  now: number
): Promise<string[]> {
  const pairs = await Promise.all(changes.map(({ before, text }) => planChange(env, before, text, now)))
  const needed = pairs.filter((pair) => pair !== null)
  const changed = await changeAll(env, needed, origin, now)
  return needed.flatMap(({ before: { id } }) => (changed.includes(id) ? [] : [id]))
}

/** @returns null if nothing changes, or if the book was deleted */
async function planChange(env: Env, before: CommentRow, text: CommentText, now: number): Promise<Pair | null> {
  const { name, website, body } = text
  const changed = before.edited_by === 'owner' ? {} : edit(before, { name, website, body }, 'guest', now)
  const book = await loadBook(env, before.book, now)
  if (!book || Object.keys(changed).length === 0) return null
  const edited = { ...before, ...changed }
  const decided = await decideAgain(env, { door: 'mention_edit', book, now }, before, edited)
  return { before, after: { ...edited, ...decided }, isByStranger: true }
}
