import { columnsOf } from '../../kit/db/sql/rows'
import { all, batchNamed } from '../../kit/db/statements'
import { FIND_BOOK } from '../books/store'
import { LAST, LIST_OF_BOOK } from '../store'
import { comments } from '../tables'

const FIND_NEWER = columnsOf(comments, 'id').from<{ book: string; from: string; offset: number }>(`
  comments
  where book = :book and status = 'published' and id >= :from
  order by id
  limit 1 offset :offset`)

/** Reads a book and a page of its published comments, newest first, in one round trip. The book is null if unknown. */
export async function readBookPage(env: Env, slug: string, before: string | undefined, limit: number) {
  const comments = LIST_OF_BOOK(env, { book: slug, status: 'published', before: before ?? LAST, limit })
  const rows = await batchNamed(env, { book: FIND_BOOK(env, { slug }), comments })
  return { book: rows.book[0] ?? null, comments: rows.comments }
}

/**
 * Reads a page with the way back, in the same round trip.
 * @param size how many comments a page shows. One more is read
 * @returns also `newer`: the cursor of the page before this one, or null if that is the first page
 */
export async function readPageBetween(env: Env, slug: string, before: string | undefined, size: number) {
  const page = { book: slug, status: 'published', before: before ?? LAST, limit: size + 1 } as const
  const rows = await batchNamed(env, {
    book: FIND_BOOK(env, { slug }),
    comments: LIST_OF_BOOK(env, page),
    newer: before === undefined ? null : FIND_NEWER(env, { book: slug, from: before, offset: size }),
  })
  return { book: rows.book[0] ?? null, comments: rows.comments, newer: rows.newer[0]?.id ?? null }
}

const LIST_COUNTRIES = columnsOf(comments, 'country').from<{ book: string; limit: number }>(`
  comments
  where book = :book and status = 'published'
  order by id desc
  limit :limit`)

const COUNTRIES_OF_LATEST = 100

/** @returns the country of each of the latest published comments, or null if it is not known */
export async function listCountries(env: Env, book: string): Promise<(string | null)[]> {
  const rows = await all(LIST_COUNTRIES(env, { book, limit: COUNTRIES_OF_LATEST }))
  return rows.map(({ country }) => country)
}
