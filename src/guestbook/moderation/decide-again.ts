import { loadBook } from '../../books/cache'
import { isBannedText } from '../../core/guestbook/bans'
import { decide } from '../../core/guestbook/decide'
import { type CommentRow, saidIn } from '../store'

/** The entry passed these checks when it was new. */
const ALREADY_CHECKED = {
  isTrusted: false,
  isTrapped: false,
  formAgeMs: null,
  isKnown: true,
  hasProof: true,
  isConfirmed: true,
  isRepeated: false,
  isPrivate: false,
}

/** @returns what the rules of the book say about a published entry whose text has changed */
export async function decideAgain(env: Env, edited: CommentRow, now: number): Promise<Partial<CommentRow>> {
  const book = await loadBook(env, edited.book, now)
  if (edited.status !== 'published' || !book) return {}
  const said = saidIn(edited)
  const isBanned = isBannedText(said, book.bans, now)
  return decide(said, book, { ...ALREADY_CHECKED, isBanned })
}
