import { columnsOf } from '../../kit/db/rows'
import { all, batchNamed, first } from '../../kit/db/statements'
import type { BookRow } from '../books/book'
import { FIND_BOOK } from '../books/store'
import { isNumbered, LEAF_SIZE, REACH, skippedBy } from '../rules/looks/page-numbers'
import { type CommentRow, ENTRY, LAST, LIST_OF_BOOK } from '../store'
import { comments } from '../tables'
import { LIST_SHOWN } from '../wall/store'

const PUBLISHED = `comments where book = :book and status = 'published'`

const FIND_NEWER = columnsOf(comments, 'id').from<{ book: string; from: string; offset: number }>(`
  ${PUBLISHED} and id >= :from
  order by id
  limit 1 offset :offset`)

/** Reads a book and a page of its published comments, newest first, in one round trip. The book is null if unknown. */
export async function readBookPage(env: Env, slug: string, before: string | undefined, limit: number) {
  const listed = LIST_OF_BOOK(env, { book: slug, status: 'published', before: before ?? LAST, limit })
  const rows = await batchNamed(env, { book: FIND_BOOK(env, { slug }), comments: listed })
  return { book: rows.book[0] ?? null, comments: rows.comments }
}

/** A page of a book: by its number, by the id of an entry that is newer, or both. The first page has number 1. */
export interface PagePlace {
  /** Null if it is not known. */
  page: number | null
  before?: string | undefined
}

export const isFirstPage = ({ page, before }: PagePlace): boolean => page === 1 && before === undefined

/** @param start the id of the first entry: SQL that reads at most REACH entries */
function listingFrom(start: string) {
  return ENTRY.from<{ book: string; skip: number; limit: number }>(`
  ${PUBLISHED} and id <= (${start})
  order by id desc
  limit :limit`)
}

const LIST_FROM_TOP = listingFrom(`select id from ${PUBLISHED} order by id desc limit 1 offset :skip`)

/** How many entries are older than the first one of the page. */
const BELOW = '(select published_count - 1 - :skip from books where slug = :book)'

const LIST_FROM_BOTTOM = listingFrom(`
    select id
    from ${PUBLISHED}
    order by id
    limit iif(${BELOW} between 0 and ${REACH}, 1, 0) offset ${BELOW}`)

function listAt(env: Env, book: string, { page, before }: PagePlace, limit: number) {
  if (before !== undefined || page === null || page === 1) {
    return LIST_OF_BOOK(env, { book, status: 'published', before: before ?? LAST, limit })
  }
  const skip = skippedBy(page)
  return (skip <= REACH ? LIST_FROM_TOP : LIST_FROM_BOTTOM)(env, { book, skip, limit })
}

/**
 * Reads a page with the way back, in the same round trip.
 * @param size how many comments a page shows. One more is read
 * @param isFrame whether the page is in a frame, which shows no wall
 * @returns also `newer`: the cursor of the page before this one, or null if that is the first page; and `oldest`: the id
 *   of the oldest entry, or `LAST`
 */
export async function readPageBetween(env: Env, slug: string, place: PagePlace, size: number, isFrame: boolean) {
  const { before } = place
  const rows = await batchNamed(env, {
    book: FIND_BOOK(env, { slug }),
    comments: size > 0 ? listAt(env, slug, place, size + 1) : null,
    newer: before === undefined ? null : FIND_NEWER(env, { book: slug, from: before, offset: size }),
    oldest: size > 0 ? FIND_NEWER(env, { book: slug, from: '', offset: 0 }) : null,
    wall: isFirstPage(place) && size > 0 && !isFrame ? LIST_SHOWN(env, { book: slug }) : null,
  })
  const newer = rows.newer[0]?.id ?? (await newerThan(env, rows.book[0], place, rows.comments[0], size))
  return { ...rows, book: rows.book[0] ?? null, newer, oldest: rows.oldest[0]?.id ?? LAST }
}

/** A page that was found by its number may lie below one that has none. @returns the cursor of that page, or null */
async function newerThan(
  env: Env,
  book: BookRow | undefined,
  { page, before }: PagePlace,
  newest: CommentRow | undefined,
  size: number
) {
  if (!book || !newest || before !== undefined || page === null) return null
  if (isNumbered(page - 1, book.published_count)) return null
  return (await first(FIND_NEWER(env, { book: book.slug, from: newest.id, offset: size + 1 })))?.id ?? null
}

/** How many entries are counted on each side of one. Anybody can ask for it, at any time. */
const NEAR = 2 * LEAF_SIZE

type Beside = Pick<CommentRow, 'book' | 'id'>

/** @param side which entries are listed, and how they are ordered: SQL */
function listing(side: string) {
  return columnsOf(comments, 'id').from<Beside & { limit: number }>(`${PUBLISHED} and ${side} limit :limit`)
}

const LIST_NEWER = listing('id > :id order by id')
const LIST_OLDER = listing('id < :id order by id desc')

/**
 * @param near how many entries on each side are counted: 0 for its neighbors only
 * @returns its book, its neighbors, and how many published entries are above it; null if it is far from both ends
 */
export async function findBeside(env: Env, { book, id }: Beside, near = NEAR) {
  const limit = near + 1
  const { books, newer, older } = await batchNamed(env, {
    books: FIND_BOOK(env, { slug: book }),
    newer: LIST_NEWER(env, { book, id, limit }),
    older: LIST_OLDER(env, { book, id, limit }),
  })
  const row = books[0] ?? null
  const fromEnd = older.length > near ? null : (row?.published_count ?? 0) - 1 - older.length
  const above = newer.length > near ? fromEnd : newer.length
  return { row, above, newer: newer[0]?.id ?? null, older: older[0]?.id ?? null }
}

/** @returns the query of the page that has a published entry; of one that starts with it, if it is far from both ends */
export async function findPage(env: Env, entry: Beside): Promise<string> {
  const { above, newer } = await findBeside(env, entry)
  if (above === null) return `?before=${newer}`
  return above < LEAF_SIZE ? '' : `?page=${Math.floor(above / LEAF_SIZE) + 1}`
}

/** @returns which of the published entries a page starts with, as its address says; null if it does not say so */
export const readRank = (text = ''): number | null => (/^\d{1,9}$/.test(text) ? Number(text) : null)

const LIST_COUNTRIES = columnsOf(comments, 'country').from<{ book: string; limit: number }>(`
  ${PUBLISHED}
  order by id desc
  limit :limit`)

const COUNTRIES_OF_LATEST = 100

/** @returns the country of each of the latest published comments, or null if it is not known */
export async function listCountries(env: Env, book: string): Promise<(string | null)[]> {
  const rows = await all(LIST_COUNTRIES(env, { book, limit: COUNTRIES_OF_LATEST }))
  return rows.map(({ country }) => country)
}
