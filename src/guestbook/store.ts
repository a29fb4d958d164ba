import { and, desc, eq, getTableColumns, lt, type SQL, sql } from 'drizzle-orm'
import { comments } from '../db/schema'
import { all, type Bound, batch, columns, compile, first, type Placeholders, query, statement } from '../db/statements'
import { FIND_BOOK, MAIN_BOOK, requireBook } from './book'

type Row = typeof comments.$inferSelect
export type CommentRow = Omit<Row, 'author_key' | 'country' | 'message_ids'>
export type NewComment = Omit<Row, 'number' | 'edited_at'>

export const COMMENT_STATUSES = ['published', 'held', 'hidden', 'spam'] as const satisfies Row['status'][]

/** In a batch, this condition runs a statement only if the previous statement changed a row. */
const IF_CHANGED = '(:if_changed = 0 or changes() > 0)'

/** What an entry uses of its book's quota. `quota` is 0 for no limit. */
export type QuotaUse = { day: number; bytes: number; quota: number }

const USED_BYTES = 'iif(quota_day = :day, quota_bytes, 0) + :bytes'

/** An entry beyond the quota violates a constraint, so that its whole batch is rolled back: see quota.ts. */
const TAKE_NUMBER = statement<Pick<Row, 'book'> & QuotaUse & { if_changed: number }>(`
  update books
  set comment_count = comment_count + 1,
    quota_day = :day,
    quota_bytes = iif(:quota > 0 and ${USED_BYTES} > :quota, null, ${USED_BYTES})
  where slug = :book and ${IF_CHANGED}`)

const INSERT = statement<NewComment & { if_changed: number }>(`
  insert into comments
    (id, book, number, status, reason, created_at, author_key, country, name, website, body, inbound_id, message_ids)
  select
    :id, slug, comment_count, :status, :reason, :created_at, :author_key, :country, :name, :website, :body,
    :inbound_id, :message_ids
  from books
  where slug = :book and ${IF_CHANGED}`)

/** All columns that the pages show. */
const { author_key: _key, country: _country, message_ids: _messages, ...COLUMNS } = getTableColumns(comments)

const OF_MAIN_BOOK = eq(comments.book, MAIN_BOOK)
// Written as literal SQL, because SQLite uses a partial index only for a literal condition.
const IS_PUBLISHED = sql`status = 'published'`
const IS_HELD = sql`status = 'held'`

/** A string that sorts after every id. */
const LAST = '~'

type Page = { before: string; limit: number }

function newestFirst(...conditions: SQL[]) {
  return compile((p: Placeholders<Page>) =>
    query
      .select(COLUMNS)
      .from(comments)
      .where(and(...conditions, lt(comments.id, p.before)))
      .orderBy(desc(comments.id))
      .limit(p.limit)
  )
}

const LIST_ALL = newestFirst()
const LIST_HELD = newestFirst(OF_MAIN_BOOK, IS_HELD)
const READ_PAGE = newestFirst(OF_MAIN_BOOK, IS_PUBLISHED)

/** Selects the columns that the API shows, except those that have the same value in every row. */
const LIST_PUBLISHED = compile((p: Placeholders<Page>) =>
  query
    .select(columns(comments, 'id', 'created_at', 'edited_at', 'name', 'website', 'body'))
    .from(comments)
    .where(and(OF_MAIN_BOOK, IS_PUBLISHED, lt(comments.id, p.before)))
    .orderBy(desc(comments.id))
    .limit(p.limit)
)

const FIND = compile((p: Placeholders<{ id: string }>) =>
  query.select(COLUMNS).from(comments).where(eq(comments.id, p.id))
)

type Change = Pick<Row, 'id' | 'status' | 'reason' | 'body' | 'edited_at'>
type Before = { status_before: Row['status']; body_before: string }

const UPDATE = statement<Change & Before & { message_id: string | null }>(`
  update comments
  set status = :status, reason = :reason, body = :body, edited_at = :edited_at,
    message_ids = iif(:message_id is null, message_ids, json_insert(message_ids, '$[#]', :message_id))
  where id = :id and status = :status_before and body = :body_before`)

const REMOVE = compile((p: Placeholders<{ id: string }>) => query.delete(comments).where(eq(comments.id, p.id)))

const REMOVE_IF_PUBLISHED = compile((p: Placeholders<{ id: string }>) =>
  query.delete(comments).where(and(eq(comments.id, p.id), IS_PUBLISHED))
)

/**
 * Inserts a comment with the next number within its book.
 * @param ifChanged inserts the comment only if the previous statement in the batch changed a row
 * @returns two statements to run in one batch, in this order
 */
export function insertComment(env: Env, comment: NewComment, use: QuotaUse, ifChanged: boolean): Bound<never>[] {
  const values = { ...comment, ...use, if_changed: ifChanged ? 1 : 0 }
  return [TAKE_NUMBER(env, values), INSERT(env, values)]
}

export type ListedComment = Omit<CommentRow, 'number' | 'reason' | 'inbound_id'>

/** Lists the main book's published comments, newest first. @param before an id; only older comments are listed */
export async function listPublished(env: Env, before: string | undefined, limit: number): Promise<ListedComment[]> {
  const rows = await all(LIST_PUBLISHED(env, { before: before ?? LAST, limit }))
  return rows.map((row) => ({ ...row, book: MAIN_BOOK, status: 'published' }))
}

/** Reads the main book and a page of its published comments, newest first, in one round trip. */
export async function readBookPage(env: Env, before: string | undefined, limit: number) {
  const [book, page] = await batch(env, [FIND_BOOK(env, {}), READ_PAGE(env, { before: before ?? LAST, limit })])
  return { book: requireBook(book.results[0]), comments: page.results }
}

export async function findComment(env: Env, id: string): Promise<CommentRow | null> {
  return first(FIND(env, { id }))
}

/** Lists all comments or only held ones, newest first. @param before an id; only older comments are listed */
export async function listAll(env: Env, isHeld: boolean, before: string | undefined, limit: number) {
  const list = isHeld ? LIST_HELD : LIST_ALL
  return all(list(env, { before: before ?? LAST, limit }))
}

/**
 * Changes a comment, unless its status or its text has changed since `before` was read.
 * @param message_id the message that reports the change, or null if there is none
 */
export function updateComment(
  env: Env,
  before: CommentRow,
  after: CommentRow,
  message_id: string | null
): Bound<never> {
  return UPDATE(env, { ...after, status_before: before.status, body_before: before.body, message_id })
}

export function removeComment(env: Env, id: string): Bound<never> {
  return REMOVE(env, { id })
}

export function removeIfPublished(env: Env, id: string): Bound<never> {
  return REMOVE_IF_PUBLISHED(env, { id })
}
