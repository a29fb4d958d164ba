import { lowerAscii } from '../../core/lib/ascii'
import { batch, statement } from '../../db/statements'
import { type CommentRow, QUALIFIED } from '../store'

/* Finds entries for the owner. Each search reads a limited number of entries, and returns a cursor for the rest. */

/** How many entries one search reads. */
export const SEARCHED = 500
/** In UTF-16 code units. */
export const SEARCH_MAX = 100

type Range = {
  book: string | null
  status: CommentRow['status'] | null
  /** An id. Only older entries are searched. */
  before: string
}

type Search = Range & { text: string; limit: number }

/** @param latest the entries `c` that are searched, newest first */
function search(latest: string) {
  return {
    find: statement<Search, CommentRow>(`
  select ${QUALIFIED}
  from (${latest}) w
  cross join comments c on c.id = w.id
  where instr(lower(c.name || ' ' || coalesce(c.website, '') || ' ' || c.body || ' ' || c.answers || ' ' || coalesce(c.reply, '')), :text) > 0
  limit :limit`),
    lastRead: statement<Range, { found: number; last_id: string | null }>(`
  select count(*) as found, min(id) as last_id from (${latest})`),
  }
}

const IN_BOOK = search(`
    select id from comments indexed by comments_of_book
    where book = :book and status = :status and id < :before
    order by id desc
    limit ${SEARCHED}`)

const ANYWHERE = search(`
    select id from comments
    where id < :before and :book is null and :status is null
    order by id desc
    limit ${SEARCHED}`)

/**
 * Searches names, websites, texts, answers and replies, in any case of ASCII letters.
 * @param where a book and a status, or null for all entries
 * @returns the entries that match, newest first, and the cursor with which the search goes on, or null at the end
 */
export async function searchComments(
  env: Env,
  where: { book: string; status: CommentRow['status'] } | null,
  text: string,
  before: string | undefined,
  limit: number
): Promise<{ data: CommentRow[]; next: string | null }> {
  const { find, lastRead } = where ? IN_BOOK : ANYWHERE
  const range = { book: where?.book ?? null, status: where?.status ?? null, before: before ?? '~' }
  const lower = lowerAscii(text)
  const [found, read] = await batch(env, [find(env, { ...range, text: lower, limit: limit + 1 }), lastRead(env, range)])
  const data = found.results.slice(0, limit)
  if (found.results.length > limit) return { data, next: data.at(-1)?.id ?? null }
  const [end] = read.results
  return { data, next: end && end.found >= SEARCHED ? end.last_id : null }
}
