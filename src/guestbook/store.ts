import type { Batch } from '../db/batch'
import { MAIN_BOOK, selectBook } from './book'

export const COMMENT_STATUSES = ['published', 'held', 'hidden', 'spam'] as const
export type CommentStatus = (typeof COMMENT_STATUSES)[number]

export interface CommentRow {
  id: string
  book: string
  number: number
  status: CommentStatus
  reason: string | null
  created_at: number
  edited_at: number | null
  name: string
  website: string | null
  body: string
}

const COLUMNS = 'id, book, number, status, reason, created_at, edited_at, name, website, body'

export interface NewComment extends Omit<CommentRow, 'number' | 'edited_at'> {
  author_key: string | null
  country: string | null
}

/**
 * Two statements for one batch: the comment takes the next number of its book.
 * @param options.ifChanged only if the statement before them changed a row
 */
export function insertComment(
  env: Env,
  row: NewComment,
  options: { ifChanged?: boolean } = {}
): D1PreparedStatement[] {
  const guard = options.ifChanged ? ' and changes() > 0' : ''
  return [
    env.DB.prepare(
      `update books set comment_count = comment_count + 1 where slug = ?1${guard}`
    ).bind(row.book),
    env.DB.prepare(
      `insert into comments (id, book, number, status, reason, created_at, author_key, country, name, website, body)
       select ?1, slug, comment_count, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10 from books where slug = ?2${guard}`
    ).bind(
      row.id,
      row.book,
      row.status,
      row.reason,
      row.created_at,
      row.author_key,
      row.country,
      row.name,
      row.website,
      row.body
    ),
  ]
}

/** As the API shows it: nothing is read that is not sent. */
export type ListedComment = Omit<CommentRow, 'number' | 'reason'>
const LISTED = 'id, created_at, edited_at, name, website, body'

/** What is on the page, newest first. @param before an id, exclusive */
function selectPublished(env: Env, columns: string, before: string | undefined, limit: number) {
  return env.DB.prepare(
    `select ${columns} from comments
     where book = ?1 and status = 'published' and id < ?2 order by id desc limit ?3`
  ).bind(MAIN_BOOK, before ?? '~', limit)
}

export async function listPublished(
  env: Env,
  before: string | undefined,
  limit: number,
  batch: Batch = (statements) => env.DB.batch(statements)
): Promise<ListedComment[]> {
  type Row = Omit<ListedComment, 'book' | 'status'>
  const [page] = await batch([selectPublished(env, LISTED, before, limit)])
  const results = (page?.results ?? []) as unknown as Row[]
  return results.map((row) => ({ ...row, book: MAIN_BOOK, status: 'published' }))
}

export interface BookPage {
  book: { slug: string; title: string; settings: string; comment_count: number }
  comments: CommentRow[]
}

/** The book and a page of it in one round trip. */
export async function readBookPage(
  env: Env,
  before: string | undefined,
  limit: number,
  batch: Batch
): Promise<BookPage> {
  const [book, comments] = await batch([
    selectBook(env),
    selectPublished(env, COLUMNS, before, limit),
  ])
  return {
    book: book?.results[0] as unknown as BookPage['book'],
    comments: (comments?.results ?? []) as unknown as CommentRow[],
  }
}

export async function findComment(env: Env, id: string): Promise<CommentRow | null> {
  return env.DB.prepare(`select ${COLUMNS} from comments where id = ?1`)
    .bind(id)
    .first<CommentRow>()
}

/** Everything in the book, for its owner, newest first. */
export async function listAll(
  env: Env,
  before: string | undefined,
  limit: number
): Promise<CommentRow[]> {
  const { results } = await env.DB.prepare(
    `select ${COLUMNS} from comments where id < ?1 order by id desc limit ?2`
  )
    .bind(before ?? '~', limit)
    .all<CommentRow>()
  return results
}

/** What waits for its owner, newest first. */
export async function listHeld(
  env: Env,
  before: string | undefined,
  limit: number
): Promise<CommentRow[]> {
  const { results } = await env.DB.prepare(
    `select ${COLUMNS} from comments
     where book = ?1 and status = 'held' and id < ?2 order by id desc limit ?3`
  )
    .bind(MAIN_BOOK, before ?? '~', limit)
    .all<CommentRow>()
  return results
}

/** Changes an entry as its owner asked, unless it has changed since it was read. */
export function updateComment(
  env: Env,
  before: CommentRow,
  after: CommentRow
): D1PreparedStatement {
  return env.DB.prepare(
    `update comments set status = ?2, body = ?3, edited_at = ?4, reason = ?5
     where id = ?1 and status = ?6 and body = ?7`
  ).bind(
    after.id,
    after.status,
    after.body,
    after.edited_at,
    after.reason,
    before.status,
    before.body
  )
}

export function removeComment(env: Env, id: string): D1PreparedStatement {
  return env.DB.prepare('delete from comments where id = ?1').bind(id)
}
