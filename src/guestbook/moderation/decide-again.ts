import { loadBook } from '../../books/cache'
import { decide } from '../../core/guestbook/decide'
import type { CommentRow } from '../store'

/** @returns what the rules of the book say about a published entry whose text has changed */
export async function decideAgain(env: Env, edited: CommentRow, now: number): Promise<Partial<CommentRow>> {
  const book = await loadBook(env, edited.book, now)
  if (edited.status !== 'published' || !book) return {}
  const facts = { isTrusted: false, isTrapped: false, formAgeMs: null, isKnown: true, isRepeated: false }
  return decide(edited, book, { ...facts, isPrivate: false })
}
