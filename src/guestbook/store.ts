import { columnsOf, columnsWithout, type RowOf } from '../kit/db/rows'
import { all, type Bound, batch, batchNamed, first, statement } from '../kit/db/statements'
import type { FormOfEntry } from './books/quota/sent-forms'
import { COUNT_SPAM, KEEPS_SPAM, type QuotaUse, TAKE_NUMBER } from './books/quota/store'
import { FIND_BOOK, IF_CHANGED } from './books/store'
import type { GuestDetails } from './rules/entries/details'
import { comments } from './tables'

type Row = typeof comments.$inferSelect
export type NewComment = Omit<Row, 'number' | 'edited_at' | 'edited_by' | 'reply' | 'replied_at' | 'approved_at'>
type FormUse = QuotaUse & FormOfEntry

/** @param condition on the book, and on the previous statement of the batch */
function inserting<Returned = never>(condition: string) {
  return columnsWithout(comments, 'edited_at', 'edited_by', 'reply', 'replied_at', 'approved_at').insert<
    NewComment & { if_changed: number },
    Returned
  >({ number: 'comment_count' }, `from books where slug = :book and ${condition}`)
}

const INSERT = inserting(IF_CHANGED)
const INSERT_SPAM = inserting<{ id: string }>(`${IF_CHANGED} and ${KEEPS_SPAM} returning id`)

/** What the pages show. */
export const ENTRY = columnsWithout(comments, 'author_key', 'country', 'message_ids')
export type CommentRow = RowOf<typeof ENTRY>

/** A string that sorts after every id. */
export const LAST = '~'

type Page = { before: string; limit: number }
type BookPage = Page & { book: string; status: Row['status'] }

export const LIST_OF_BOOK = ENTRY.from<BookPage>(`
  comments
  where book = :book and status = :status and id < :before
  order by id desc
  limit :limit`)

/** What the API shows, except for columns that have the same value in every row. */
const PUBLISHED = columnsOf(
  comments,
  'id',
  'created_at',
  'edited_at',
  'name',
  'website',
  'body',
  'answers',
  'reply',
  'replied_at',
  'extra',
  'pre',
  'drawing'
)

const LIST_PUBLISHED = PUBLISHED.from<Page & { book: string }>(`
  comments
  where book = :book and status = 'published' and id < :before
  order by id desc
  limit :limit`)

const FIND = ENTRY.from<{ id: string }>('comments where id = :id')

/** @param ifChanged inserts only if the previous statement changed a row @returns two statements, in this order */
export function insertComment(env: Env, comment: NewComment, use: FormUse, ifChanged: boolean): Bound<never>[] {
  const published = Number(comment.status === 'published')
  const values = { ...comment, ...use, published, if_changed: ifChanged ? 1 : 0 }
  return [TAKE_NUMBER(env, values), INSERT(env, values)]
}

/**
 * Counts spam, and inserts it unless its book already has the day's maximum.
 * @returns two statements, in this order. The second returns the id, if the entry is inserted
 */
export function insertSpam(env: Env, comment: NewComment, use: FormUse, ifChanged: boolean): Bound<unknown>[] {
  const values = { ...comment, ...use, if_changed: ifChanged ? 1 : 0 }
  return [COUNT_SPAM(env, { ...values, reason: comment.reason ?? 'other' }), INSERT_SPAM(env, values)]
}

export type ListedComment = Omit<
  CommentRow,
  'number' | 'reason' | 'inbound_id' | 'edited_by' | 'approved_at' | 'known_by'
>

/** What only few entries have. */
interface Extra extends GuestDetails {
  /** The slug of a face. */
  avatar?: string
  /** Where the button of the guest's site is, for the wall of the book. */
  button?: string | undefined
  /** The page that mentions the book, for an entry that shows a webmention. */
  mention?: string
  /** When that page was published, in epoch milliseconds. */
  mention_at?: number | null
}

/** @returns the content of the column `extra` */
export const extraOf = ({ extra }: Pick<CommentRow, 'extra'>): Extra => JSON.parse(extra)

/** In one round trip. @param before an id: only older comments @returns the book's row or null, and the comments */
export async function listPublished(env: Env, slug: string, before: string | undefined, limit: number) {
  const page = LIST_PUBLISHED(env, { book: slug, before: before ?? LAST, limit })
  const found = await batchNamed(env, { book: FIND_BOOK(env, { slug }), comments: page })
  const comments = found.comments.map(
    (one): ListedComment => ({ ...one, book: slug, status: 'published', is_private: 0 })
  )
  return { row: found.book[0] ?? null, comments }
}

export const findComment = async (env: Env, id: string): Promise<CommentRow | null> => first(FIND(env, { id }))
const AUTHOR = columnsOf(comments, 'id', 'name', 'website', 'author_key', 'created_at')
/** Finds how the guest who wrote a comment can be recognized. */
export const FIND_AUTHOR = AUTHOR.from<{ id: string }>('comments where id = :id')

const FIND_SEVERAL = ENTRY.of('c').from<{ ids: string }>(`json_each(:ids) j cross join comments c on c.id = j.value`)

/** Comments that do not exist are left out, and each is found once. */
export async function findComments(env: Env, ids: string[]): Promise<CommentRow[]> {
  return all(FIND_SEVERAL(env, { ids: JSON.stringify([...new Set(ids)]) }))
}

/** Finds some comments of a book, with any status and in any order. */
export const FIND_ANY = ENTRY.from<{ book: string; limit: number }>('comments where book = :book limit :limit')

const IS_LATEST = statement<{ id: string; message_id: string }, { found: number }>(`
  select 1 as found from comments where id = :id and message_ids ->> '$[#-1]' = :message_id`)

/** @returns whether a message is the latest one about a comment */
export async function isLatestMessage(env: Env, id: string, message_id: string): Promise<boolean> {
  return (await first(IS_LATEST(env, { id, message_id }))) !== null
}

/**
 * Lists spam of all books, in any order. `before` is an id, and `marked_before` a time. Each book has its own limit.
 * Newest first: old entries that were marked lately are read each time, and can delay older ones.
 */
export const LIST_OLD_SPAM = ENTRY.of('c').from<{ before: string; marked_before: number; limit: number }>(`
  books b
  cross join comments c on c.id in (
    select id from comments indexed by comments_of_book
    where book = b.slug and status = 'spam' and id < :before
    order by id desc
    limit :limit)
  where b.slug > '' and coalesce(c.approved_at, 0) < :marked_before
  limit :limit`)

/** From and to which slug: `''` and `LAST` for all books. */
type Counted = { from: string; to: string; statuses: string; limit: number }

const COUNT = statement<Counted, { status: Row['status']; entries: number }>(`
  select s.value as status, (
    select count(*)
    from (
      select 1
      from books b
      cross join comments c indexed by comments_of_book on c.book = b.slug and c.status = s.value
      where b.slug >= :from and b.slug <= :to and b.slug > '' and b.deleted_at is null
      limit :limit)) as entries
  from json_each(:statuses) s`)

type Counts = Partial<Record<Row['status'], number>>

/** @param book null for all books @returns how many comments have each status; at most `limit` of each are counted */
export async function countEntries(env: Env, book: string | null, statuses: Row['status'][], limit: number) {
  const range = { from: book ?? '', to: book ?? LAST }
  const rows = await all(COUNT(env, { ...range, statuses: JSON.stringify(statuses), limit }))
  return Object.fromEntries(rows.map(({ status, entries }) => [status, entries])) as Counts
}

/** Its call is its own, so it fails alone. @returns how many comments wait, in all books; at most `limit` are counted */
export async function countHeld(env: Env, limit: number): Promise<number> {
  const [{ results }] = await batch(env, [COUNT(env, { from: '', to: LAST, statuses: '["held"]', limit })])
  return results[0]?.entries ?? 0
}
