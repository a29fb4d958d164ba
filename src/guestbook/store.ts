import { and, desc, eq, getTableColumns, lt } from 'drizzle-orm'
import type { SentForm } from '../books/quota/sent-forms'
import { COUNT_SPAM, KEEPS_SPAM, type QuotaUse, TAKE_NUMBER } from '../books/quota/store'
import { FIND_BOOK, IF_CHANGED } from '../books/store'
import type { Details } from '../core/guestbook/details'
import { comments } from '../db/schema'
import { all, type Bound, batch, columns, compile, first, type Placeholders, query, statement } from '../db/statements'

type Row = typeof comments.$inferSelect
export type CommentRow = Omit<Row, 'author_key' | 'country' | 'message_ids'>
export type NewComment = Omit<Row, 'number' | 'edited_at' | 'edited_by' | 'reply' | 'replied_at' | 'approved_at'>

type FormUse = QuotaUse & SentForm

/** @param condition on the book, and on the previous statement of the batch */
function inserting(condition: string) {
  return statement<NewComment & { if_changed: number }>(`
  insert into comments (id, book, number, status, reason, created_at, author_key, country, name, website, body,
    inbound_id, message_ids, is_private, answers, extra, known_by)
  select :id, slug, comment_count, :status, :reason, :created_at, :author_key, :country, :name, :website, :body,
    :inbound_id, :message_ids, :is_private, :answers, :extra, :known_by
  from books
  where slug = :book and ${condition}`)
}

const INSERT = inserting(IF_CHANGED)
const INSERT_SPAM = inserting(`${IF_CHANGED} and ${KEEPS_SPAM}`)

/** All columns that the pages show. */
const { author_key: _key, country: _country, message_ids: _messages, ...COLUMNS } = getTableColumns(comments)

/** A string that sorts after every id. */
export const LAST = '~'

type Page = { before: string; limit: number }

const LIST_ALL = compile((p: Placeholders<Page>) =>
  query.select(COLUMNS).from(comments).where(lt(comments.id, p.before)).orderBy(desc(comments.id)).limit(p.limit)
)

type BookPage = Page & { book: string; status: Row['status'] }

export const LIST_OF_BOOK = compile((p: Placeholders<BookPage>) =>
  query
    .select(COLUMNS)
    .from(comments)
    .where(and(eq(comments.book, p.book), eq(comments.status, p.status), lt(comments.id, p.before)))
    .orderBy(desc(comments.id))
    .limit(p.limit)
)

/** Selects the columns that the API shows, except those that have the same value in every row. */
const LIST_PUBLISHED = compile((p: Placeholders<Page & { book: string }>) =>
  query
    .select(
      columns(
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
        'extra'
      )
    )
    .from(comments)
    .where(and(eq(comments.book, p.book), eq(comments.status, 'published'), lt(comments.id, p.before)))
    .orderBy(desc(comments.id))
    .limit(p.limit)
)

const FIND = compile((p: Placeholders<{ id: string }>) =>
  query.select(COLUMNS).from(comments).where(eq(comments.id, p.id))
)

/**
 * Inserts a comment with the next number within its book.
 * @param ifChanged inserts the comment only if the previous statement in the batch changed a row
 * @returns two statements to run in one batch, in this order
 */
export function insertComment(env: Env, comment: NewComment, use: FormUse, ifChanged: boolean): Bound<never>[] {
  const published = Number(comment.status === 'published')
  const values = { ...comment, ...use, published, if_changed: ifChanged ? 1 : 0 }
  return [TAKE_NUMBER(env, values), INSERT(env, values)]
}

/**
 * Counts a spam comment, and inserts it unless its book already keeps the maximum for the day.
 * @param use the day, and the size of the comment
 * @returns two statements to run in one batch, in this order
 */
export function insertSpam(env: Env, comment: NewComment, use: QuotaUse, ifChanged: boolean): Bound<never>[] {
  const values = { ...comment, ...use, if_changed: ifChanged ? 1 : 0 }
  return [COUNT_SPAM(env, { ...values, reason: comment.reason ?? 'other' }), INSERT_SPAM(env, values)]
}

export type ListedComment = Omit<
  CommentRow,
  'number' | 'reason' | 'inbound_id' | 'edited_by' | 'approved_at' | 'known_by'
>

/** What only few entries have. */
interface Extra extends Details {
  /** The slug of a face. */
  avatar?: string
  /** The page that mentions the book. */
  mention?: string
  /** When that page was published, in epoch milliseconds. */
  mention_at?: number | null
}

/** @returns the content of the column `extra` */
export function extraOf({ extra }: Pick<CommentRow, 'extra'>): Extra {
  return JSON.parse(extra)
}

/**
 * Lists a book's published comments for the API, newest first, in one round trip.
 * @param before an id; only older comments are listed
 * @returns the book's row, or null if there is no such book; and the comments
 */
export async function listPublished(env: Env, slug: string, before: string | undefined, limit: number) {
  const page = LIST_PUBLISHED(env, { book: slug, before: before ?? LAST, limit })
  const [book, rows] = await batch(env, [FIND_BOOK(env, { slug }), page])
  const comments = rows.results.map(
    (row): ListedComment => ({ ...row, book: slug, status: 'published', is_private: 0 })
  )
  return { row: book.results[0] ?? null, comments }
}

export async function findComment(env: Env, id: string): Promise<CommentRow | null> {
  return first(FIND(env, { id }))
}

const FIND_AUTHOR = compile((p: Placeholders<{ id: string }>) =>
  query
    .select(columns(comments, 'id', 'name', 'website', 'author_key', 'created_at'))
    .from(comments)
    .where(eq(comments.id, p.id))
)

/** @returns how the guest who wrote a comment can be recognized */
export async function findAuthor(env: Env, id: string) {
  return first(FIND_AUTHOR(env, { id }))
}

/** The columns of a comment `c`. */
export const QUALIFIED = Object.keys(COLUMNS)
  .map((name) => `c.${name}`)
  .join(', ')

const FIND_SEVERAL = statement<{ ids: string }, CommentRow>(`
  select ${QUALIFIED}
  from json_each(:ids) j
  cross join comments c on c.id = j.value`)

/** Comments that do not exist are left out. */
export async function findComments(env: Env, ids: string[]): Promise<CommentRow[]> {
  return all(FIND_SEVERAL(env, { ids: JSON.stringify(ids) }))
}

/** Lists the comments of all books, newest first. @param before an id; only older comments are listed */
export async function listAll(env: Env, before: string | undefined, limit: number): Promise<CommentRow[]> {
  return all(LIST_ALL(env, { before: before ?? LAST, limit }))
}

/** Lists a book's comments with one status, newest first. @param before an id; only older comments are listed */
export async function listOfBook(
  env: Env,
  book: string,
  status: CommentRow['status'],
  before: string | undefined,
  limit: number
): Promise<CommentRow[]> {
  return all(LIST_OF_BOOK(env, { book, status, before: before ?? LAST, limit }))
}

const FIND_ANY = compile((p: Placeholders<{ book: string; limit: number }>) =>
  query.select(COLUMNS).from(comments).where(eq(comments.book, p.book)).limit(p.limit)
)

/** Finds some comments of a book, with any status and in any order. */
export async function findAnyOfBook(env: Env, book: string, limit: number): Promise<CommentRow[]> {
  return all(FIND_ANY(env, { book, limit }))
}

const IS_LATEST = statement<{ id: string; message_id: string }, { found: number }>(`
  select 1 as found from comments where id = :id and message_ids ->> '$[#-1]' = :message_id`)

/** @returns whether a message is the latest one about a comment */
export async function isLatestMessage(env: Env, id: string, message_id: string): Promise<boolean> {
  return (await first(IS_LATEST(env, { id, message_id }))) !== null
}

const LIST_OLD_SPAM = statement<{ before: string; limit: number }, CommentRow>(`
  select ${QUALIFIED}
  from books b
  cross join comments c indexed by comments_of_book on c.book = b.slug and c.status = 'spam' and c.id < :before
  where b.slug > ''
  limit :limit`)

/** Lists spam of all books, in any order. @param before an id; only older comments are listed */
export async function listOldSpam(env: Env, before: string, limit: number): Promise<CommentRow[]> {
  return all(LIST_OLD_SPAM(env, { before, limit }))
}

const COUNT_HELD = statement<{ limit: number }, { held: number }>(`
  select count(*) as held
  from (
    select 1
    from books b
    cross join comments c indexed by comments_of_book on c.book = b.slug and c.status = 'held'
    where b.slug > '' and b.deleted_at is null
    limit :limit)`)

/** @returns how many comments wait, in all books; at most `limit` are counted */
export async function countHeld(env: Env, limit: number): Promise<number> {
  return (await first(COUNT_HELD(env, { limit })))?.held ?? 0
}
