import { columnsOf } from '../../kit/db/rows'
import { SCANNED } from '../../kit/db/scanned'
import { all } from '../../kit/db/statements'
import { fittingIn } from '../../kit/http/pagination'
import { firstIdAt } from '../../kit/lib/ids'
import { DAY_MS } from '../../kit/lib/time'
import type { BookRow } from '../books/book'
import { type CommentRow, ENTRY } from '../store'
import { comments } from '../tables'

/* Finds the entries of this day in earlier years, and the numbers of entries that are not found by paging. */

/** How many entries are shown. */
const MOST = 60
/** Fewer are shown if they are long: each character costs CPU time. */
const MOST_CHARACTERS = 20_000
/** The first website went online in 1991. */
const FIRST_YEAR = 1991

const ON_DAYS = ENTRY.of('e').from<{ book: string; days: string; limit: number }>(`
  comments e
  where e.id in (
    select c.id
    from json_each(:days) j
    cross join comments c on c.id in (
      select id from comments indexed by comments_of_book
      where book = :book and status = 'published' and id >= j.value ->> 0 and id < j.value ->> 1
      order by id desc
      limit :limit)
    order by c.id desc
    limit :limit)`)

/** @returns entries of the day of `now` (UTC) in earlier years, newest first. Each year costs one index lookup */
export async function listOnThisDay(env: Env, book: string, now: number): Promise<CommentRow[]> {
  const today = new Date(now)
  const year = today.getUTCFullYear()
  const starts = Array.from({ length: year - FIRST_YEAR }, (_, i) =>
    Date.UTC(year - 1 - i, today.getUTCMonth(), today.getUTCDate())
  )
  // In other years, there may be no 29 February.
  const days = starts.filter((start) => new Date(start).getUTCDate() === today.getUTCDate())
  const ranges = days.map((start) => [firstIdAt('cmt', start), firstIdAt('cmt', start + DAY_MS)])
  const rows = await all(ON_DAYS(env, { book, days: JSON.stringify(ranges), limit: MOST }))
  const entries = rows.toSorted((one, other) => (one.id < other.id ? 1 : -1))
  return entries.slice(0, fittingIn(entries, MOST, MOST_CHARACTERS))
}

const LIST_NEWEST = columnsOf(comments, 'id').from<{ book: string; from: string; limit: number }>(`
  comments indexed by comments_of_book
  where book = :book and status = 'published' and id >= :from
  order by id desc
  limit :limit`)

/**
 * @param found published entries, newest first
 * @returns a map from id to number. It lacks entries that are not among the newest `SCANNED`
 */
export async function numbersOf(env: Env, { slug, published_count }: BookRow, found: CommentRow[]) {
  const last = found.at(-1)
  const rows = last ? await all(LIST_NEWEST(env, { book: slug, from: last.id, limit: SCANNED })) : []
  return new Map(rows.map(({ id }, i) => [id, published_count - i]))
}
