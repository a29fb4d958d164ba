import { loadBook } from '../../books/cache'
import type { Answer } from '../../core/guestbook/answers'
import { isBannedText } from '../../core/guestbook/bans'
import { decide } from '../../core/guestbook/decide'
import { detailTexts } from '../../core/guestbook/details'
import type { Said } from '../../core/guestbook/fold'
import { type CommentRow, extraOf } from '../store'

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

/** @returns all that an entry says */
function saidIn({ name, body, website, ...row }: CommentRow): Said {
  const answers: Answer[] = JSON.parse(row.answers)
  return { name, body, website, more: [...answers.map(({ answer }) => answer), ...detailTexts(extraOf(row))] }
}
