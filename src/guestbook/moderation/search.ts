import { lowerAscii, newestBetween, type Page, scanned, type Times } from '../../kit/db/sql/scanned'
import { all } from '../../kit/db/statements'
import { toPage } from '../../kit/http/pagination'
import { type CommentRow, ENTRY, LAST } from '../store'

/* Finds entries for the owner, and for guests if the book has a search. */

/** In UTF-16 code units. */
export const SEARCH_MAX = 100

/** Questions and answers without the JSON around them. */
const ANSWERS = `coalesce((
    select group_concat((value ->> 'question') || ' ' || (value ->> 'answer'), ' ') from json_each(w.answers)), '')`

const SEARCH = {
  from: 'comments',
  read: ENTRY.of(),
  where: `instr(lower(w.name || ' ' || coalesce(w.website, '') || ' ' || w.body || ' ' || ${ANSWERS} || ' ' || coalesce(w.reply, '')), :text) > 0`,
  show: ENTRY.of('w'),
}

type Status = Pick<CommentRow, 'status'>

const findAnywhere = scanned<{ text: string; book: string | null; status: string | null }, CommentRow>({
  ...SEARCH,
  // Nothing is decided about the entries of a deleted book.
  where: `${SEARCH.where} and (:book is null or w.book = :book) and (:status is null or w.status = :status
  and exists (select 1 from books b where b.slug = w.book and b.deleted_at is null))`,
})

const ordered = (isOldestFirst: boolean) => ({
  ofBook: scanned<Status & { book: string; text: string }, CommentRow>({
    ...SEARCH,
    isOldestFirst,
    from: 'comments indexed by comments_of_book',
    within: 'book = :book and status = :status',
  }),
  // Merges the first entries of each book. There are few books, so this reads little, however many entries there are.
  ofAllBooks: ENTRY.of('c').from<Status & { from: string; limit: number }>(`
  books b
  cross join comments c on c.id in (
    select id from comments indexed by comments_of_book
    where book = b.slug and status = :status and id ${isOldestFirst ? '>' : '<'} :from
    order by id ${isOldestFirst ? 'asc' : 'desc'}
    limit :limit)
  where b.slug > '' and b.deleted_at is null
  order by c.id ${isOldestFirst ? 'asc' : 'desc'}
  limit :limit`),
})

const NEWEST = ordered(false)
const OLDEST = ordered(true)

/** Which entries are listed: null for all books, or for any status. Those of a status can begin with the oldest. */
type Place = { book: string | null; status: CommentRow['status'] | null; isOldestFirst?: boolean | undefined }

/** @param text empty for all entries @param from a cursor @returns the matches */
export async function searchComments(
  env: Env,
  { book, status, isOldestFirst = false }: Place,
  text: string,
  from: string | undefined,
  limit: number,
  times: Times = {}
): Promise<Page<CommentRow>> {
  const range = isOldestFirst ? { from } : newestBetween('cmt', times, from)
  const search = isOldestFirst ? OLDEST : NEWEST
  const lower = lowerAscii(text)
  if (book !== null && status !== null) return search.ofBook(env, { book, status, text: lower }, range, limit)
  if (status === null || text !== '') return findAnywhere(env, { text: lower, book, status }, range, limit)
  const rows = await all(
    search.ofAllBooks(env, { status, from: from ?? (isOldestFirst ? '' : LAST), limit: limit + 1 })
  )
  return toPage(rows, limit)
}

/** Every entry, with any status. */
export const ANYWHERE: Place = { book: null, status: null }
