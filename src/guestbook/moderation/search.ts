import { lowerAscii, newestBetween, type Page, scanned, type Times } from '../../kit/db/sql/scanned'
import { all } from '../../kit/db/statements'
import { toPage } from '../../kit/http/pagination'
import { type CommentRow, ENTRY, LAST } from '../store'

/* Finds entries for the owner, and for guests if the book has a search. */

/** In UTF-16 code units. */
export const SEARCH_MAX = 100

const SEARCH = {
  from: 'comments',
  read: ENTRY.of(),
  where: `instr(lower(w.name || ' ' || coalesce(w.website, '') || ' ' || w.body || ' ' || w.answers || ' ' || coalesce(w.reply, '')), :text) > 0`,
  show: ENTRY.of('w'),
}

type Status = Pick<CommentRow, 'status'>

const searchAnywhere = scanned<{ text: string; status: string | null }, CommentRow>({
  ...SEARCH,
  // Nothing is decided about the entries of a deleted book.
  where: `${SEARCH.where} and (:status is null or w.status = :status
    and exists (select 1 from books b where b.slug = w.book and b.deleted_at is null))`,
})

const searchBook = scanned<Status & { book: string; text: string }, CommentRow>({
  ...SEARCH,
  from: 'comments indexed by comments_of_book',
  within: 'book = :book and status = :status',
})

/** Merges the newest entries of each book. There are few books, so this reads little, however many entries there are. */
const LIST_OF_ALL_BOOKS = ENTRY.of('c').from<Status & { before: string; limit: number }>(`
  books b
  cross join comments c on c.id in (
    select id from comments indexed by comments_of_book
    where book = b.slug and status = :status and id < :before
    order by id desc
    limit :limit)
  where b.slug > '' and b.deleted_at is null
  order by c.id desc
  limit :limit`)

/** Which entries are listed: null for all books, or for any status. */
type Place = { book: string | null; status: CommentRow['status'] | null }

/** @param where without a status, all books @param text empty for all entries @returns the matches, newest first */
export async function searchComments(
  env: Env,
  { book, status }: Place,
  text: string,
  before: string | undefined,
  limit: number,
  times: Times = {}
): Promise<Page<CommentRow>> {
  const range = newestBetween('cmt', times, before)
  const lower = lowerAscii(text)
  if (status === null) return searchAnywhere(env, { text: lower, status }, range, limit)
  if (book !== null) return searchBook(env, { book, status, text: lower }, range, limit)
  if (text !== '') return searchAnywhere(env, { text: lower, status }, range, limit)
  const rows = await all(LIST_OF_ALL_BOOKS(env, { status, before: before ?? LAST, limit: limit + 1 }))
  return toPage(rows, limit)
}

/** Every entry, with any status. */
export const ANYWHERE: Place = { book: null, status: null }
