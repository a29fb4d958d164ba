import { columnsOf, type RowOf } from '../../kit/db/rows'
import { type KeyRange, newestBetween, SCANNED, type ScannedPage, scanned, type TimeSpan } from '../../kit/db/scanned'
import { all } from '../../kit/db/statements'
import { toPage } from '../../kit/http/pagination'
import { readAnswers } from '../rules/entries/answers'
import { detailTexts } from '../rules/entries/details'
import { foldForSearch } from '../rules/entries/fold'
import { unmarkedText } from '../rules/looks/inline'
import { type CommentRow, ENTRY, extraOf, findComments, LAST } from '../store'
import { comments } from '../tables'

/*
 * Finds entries for the owner, and for guests if the book has a search. D1 folds only the case of A to Z, so the Worker
 * compares the texts. D1 reads a page of entries, and leaves out those that cannot match.
 */

/** In UTF-16 code units. */
export const SEARCH_MAX = 100
/** A page of a search ends early if its entries are long, because each character costs CPU time. */
const COMPARED_CHARACTERS = 50_000

/** Questions and answers without the JSON around them. */
const ANSWERS = `coalesce((
    select group_concat((value ->> 'question') || ' ' || (value ->> 'answer'), ' ') from json_each(answers)), '')`
/** All texts of an entry. `textOf` has the same for the Worker. */
const SAID = `concat_ws(' ', name, website, body, ${ANSWERS}, reply, extra ->> 'mood', extra ->> 'place')`
const LENGTH = ['name', 'body', 'answers', 'reply', 'extra', 'drawing']
  .map((one) => `coalesce(length(${one}), 0)`)
  .join(' + ')

/** What a page can show in another way than it is stored: white space, and marks of markup. */
const LOOSE = [' ', '\n', '\t', '*', '`', '>']
const squeezed = (text: string): string => LOOSE.reduce((left, one) => left.replaceAll(one, ''), text)
const squeezedIn = (sql: string): string =>
  LOOSE.reduce((left, one) => `replace(${left}, char(${one.charCodeAt(0)}), '')`, sql)

/** Whether a text that says `:text` may be among those of an entry. Only the Worker can tell if there are other letters. */
const MAY_MATCH = `(length(w.said) < length(cast(w.said as blob)) or instr(lower(${squeezedIn('w.said')}), :text) > 0)`

const CANDIDATE = columnsOf(comments, 'id').of('w').and<{ characters: number }>('w.characters')
type Candidate = RowOf<typeof CANDIDATE>

/** Which entries are listed: null for all books, or for any status. Those of a status can begin with the oldest. */
type Place = { book: string | null; status: CommentRow['status'] | null; isOldestFirst?: boolean | undefined }
type Listed = Pick<Place, 'book' | 'status'>

/** The entries of a list, and those of them that a search has to compare. @param more where they are, in SQL */
function listed(more: { from: string; within?: string; where?: string; isOldestFirst?: boolean }) {
  const { where = 'true', ...scan } = more
  return {
    entries: scanned<Listed, CommentRow>({ ...scan, read: ENTRY.of(), where, show: ENTRY.of('w') }),
    candidates: scanned<Listed & { text: string }, Candidate>({
      ...scan,
      read: `id, book, status, ${SAID} as said, ${LENGTH} as characters`,
      where: `${where} and ${MAY_MATCH}`,
      show: CANDIDATE,
    }),
  }
}

const EVERYWHERE = listed({
  from: 'comments',
  // Nothing is decided about the entries of a deleted book.
  where: `(:book is null or w.book = :book) and (:status is null or w.status = :status
  and exists (select 1 from books b where b.slug = w.book and b.deleted_at is null))`,
})

const ordered = (isOldestFirst: boolean) => ({
  ofBook: listed({
    isOldestFirst,
    from: 'comments indexed by comments_of_book',
    within: 'book = :book and status = :status',
  }),
  // Merges the first entries of each book. There are few books, so this reads little, however many entries there are.
  ofAllBooks: ENTRY.of('c').from<Pick<CommentRow, 'status'> & { from: string; limit: number }>(`
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

/** @param text empty for all entries @param from a cursor @returns the matches */
export async function searchComments(
  env: Env,
  { book, status, isOldestFirst = false }: Place,
  text: string,
  from: string | undefined,
  limit: number,
  times: TimeSpan = {}
): Promise<ScannedPage<CommentRow>> {
  const { ofBook, ofAllBooks } = isOldestFirst ? OLDEST : NEWEST
  if (text === '' && book === null && status !== null) {
    const rows = await all(ofAllBooks(env, { status, from: from ?? (isOldestFirst ? '' : LAST), limit: limit + 1 }))
    return toPage(rows, limit)
  }
  const place = { book, status }
  const range: KeyRange = isOldestFirst ? { from } : newestBetween('cmt', times, from)
  const { entries, candidates } = book !== null && status !== null ? ofBook : EVERYWHERE
  if (text === '') return entries(env, place, range, limit)
  const wanted = foldForSearch(text)
  const page = await candidates(env, { ...place, text: squeezed(wanted) }, range, SCANNED)
  return compare(env, page, place, wanted, limit)
}

/** @param wanted folded. If nothing of it is visible, no entry has it @returns the candidates that say it */
async function compare(
  env: Env,
  { data, next }: ScannedPage<Candidate>,
  { book, status }: Listed,
  wanted: string,
  limit: number
): Promise<ScannedPage<CommentRow>> {
  const compared = data.slice(0, fitting(data))
  const rows =
    compared.length > 0 && wanted !== ''
      ? await findComments(
          env,
          compared.map(({ id }) => id)
        )
      : []
  const found: CommentRow[] = []
  for (const row of rows) {
    // It may have been hidden since.
    const isListed = (book === null || row.book === book) && (status === null || row.status === status)
    if (isListed && says(row, wanted)) found.push(row)
    if (found.length > limit) return { data: found.slice(0, limit), next: found[limit - 1]?.id ?? null }
  }
  return { data: found, next: compared.length < data.length ? (compared.at(-1)?.id ?? null) : next }
}

/** @returns how many candidates one page compares, at least one */
function fitting(candidates: Candidate[]): number {
  let characters = 0
  const end = candidates.findIndex((one) => {
    characters += one.characters
    return characters > COMPARED_CHARACTERS
  })
  return end < 0 ? candidates.length : Math.max(end, 1)
}

/** Whether an entry says a text, as it is stored or as a page with markup shows it. */
function says(row: CommentRow, wanted: string): boolean {
  const isIn = (text: string) => foldForSearch(text).includes(wanted)
  const isMarked = /[*`]|^>/m.test(`${row.body}\n${row.reply ?? ''}`)
  return isIn(textOf(row)) || (isMarked && isIn(textOf(row, unmarkedText)))
}

function textOf(row: CommentRow, write = (text: string): string => text): string {
  const { name, website, body, reply } = row
  const answers = readAnswers(row.answers).flatMap(({ question, answer }) => [question, answer])
  const more = [...answers, ...(reply === null ? [] : [write(reply)]), ...detailTexts(extraOf(row))]
  return [name, website ?? '', write(body), ...more].join(' ')
}

/** Every entry, with any status. */
export const ANYWHERE: Place = { book: null, status: null }
