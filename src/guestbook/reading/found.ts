import { all } from '../../kit/db/statements'
import { fittingIn } from '../../kit/http/pagination'
import { firstIdAt } from '../../kit/lib/ids'
import { DAY_MS } from '../../kit/lib/time'
import { type CommentRow, ENTRY } from '../store'

/* The entries that were written on one day of earlier years. */

/** How many entries are shown. */
const MOST = 60
/** Fewer are shown if they are long: each character costs CPU time. */
const MOST_CHARACTERS = 20_000
/** The first website went online in 1991. */
const FIRST_YEAR = 1991

const ON_DAYS = ENTRY.of('c').from<{ book: string; days: string; limit: number }>(`
  json_each(:days) j
  cross join comments c on c.id in (
    select id
    from comments indexed by comments_of_book
    where book = :book and status = 'published' and id >= j.value ->> 0 and id < j.value ->> 1
    order by id desc
    limit :limit)
  limit :limit`)

/**
 * Lists the entries that were written on the day of `now` (UTC) in earlier years, newest first. Each year is one look
 * into the index.
 */
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
