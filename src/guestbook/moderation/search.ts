import { lowerAscii, type Page, scanned } from '../../kit/db/sql/scanned'
import { type CommentRow, ENTRY } from '../store'

/* Finds entries for the owner. */

/** In UTF-16 code units. */
export const SEARCH_MAX = 100

const SEARCH = {
  from: 'comments',
  read: ENTRY.of(),
  where: `instr(lower(w.name || ' ' || coalesce(w.website, '') || ' ' || w.body || ' ' || w.answers || ' ' || coalesce(w.reply, '')), :text) > 0`,
  show: ENTRY.of('w'),
}

type Place = Pick<CommentRow, 'book' | 'status'>

const searchAnywhere = scanned<{ text: string }, CommentRow>(SEARCH)

const searchBook = scanned<Place & { text: string }, CommentRow>({
  ...SEARCH,
  from: 'comments indexed by comments_of_book',
  within: 'book = :book and status = :status',
})

/**
 * Searches names, websites, texts, answers and replies, in any case of ASCII letters.
 * @param where a book and a status, or null for all entries
 * @param text empty for all entries
 * @param before an id; only older entries are listed
 * @returns the entries that match, newest first
 */
export async function searchComments(
  env: Env,
  where: Place | null,
  text: string,
  before: string | undefined,
  limit: number
): Promise<Page<CommentRow>> {
  const range = { from: before }
  const lower = lowerAscii(text)
  if (where === null) return searchAnywhere(env, { text: lower }, range, limit)
  return searchBook(env, { ...where, text: lower }, range, limit)
}
