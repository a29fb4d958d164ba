import type * as z from 'zod'
import { describeChange } from '../../access/audit/describe-change'
import { batchNamed, first, isUniqueViolation, run } from '../../kit/db/statements'
import { conflict, invalid, invalidField, notFound, orNotFound, Refusal, refuseIfNull } from '../../kit/http/problem'
import { aSpanOf } from '../../kit/lib/time'
import { judgeSlug } from '../rules/entries/book-texts'
import { hasTurnstile } from '../signing/turnstile'
import { FIND_ANY } from '../store'
import { type Book, type BookRow, MAIN_BOOK, toBook } from './book'
import { forgetBook, readBook, rememberBook } from './cache'
import type { bookChange, bookIn } from './schemas'
import { FIELDS } from './settings'
import { listRows } from './settings/setting'
import {
  CHANGE_BOOK,
  FIND_BOOK,
  INSERT_BOOK,
  IS_DELETED,
  MARK_DELETED,
  MAX_BOOKS,
  RESTORABLE_MS,
  RESTORE,
} from './store'

/* The operations on books that the API and the dashboard share. */

type Change = z.infer<typeof bookChange>
type Changed = { row: BookRow; book: Book; before: Book }

/** @returns the row of a new book, and the statement that inserts it in `refuseTakenSlug`. @throws Refusal 422 */
export function planBook(env: Env, { slug, ...input }: z.infer<typeof bookIn>, now: number) {
  const { title, ...settings } = judgeChange(input, slug)
  requireKeys(env, input)
  const row: BookRow = {
    slug,
    title,
    settings: JSON.stringify(settings),
    comment_count: 0,
    published_count: 0,
    // Greater than any version of a deleted book with the same slug, so that nothing of it is served again.
    version: now,
    created_at: now,
    deleted_at: null,
  }
  return { row, statement: INSERT_BOOK(env, row) }
}

/** @param write inserts a book @throws Refusal 409 if the slug is taken, or there are too many: nothing is written */
export async function refuseTakenSlug<T>(slug: string, write: () => Promise<T>): Promise<T> {
  try {
    const detail = `You have ${MAX_BOOKS} books, which is the limit. Delete one that you no longer use.`
    return await refuseIfNull({ 'books.title': () => new Refusal(409, 'too_many_books', detail) }, write)
  } catch (cause) {
    if (!isUniqueViolation(cause, 'books.slug')) throw cause
    const detail = `The slug "${slug}" is taken. A deleted book keeps its slug for ${aSpanOf(RESTORABLE_MS)}. Choose another slug.`
    throw conflict('slug_taken', 'slug', detail)
  }
}

/** Changes what is given: title and settings. @returns the book before and after @throws Refusal 404 or 422 */
export async function changeBook(env: Env, slug: string, change: Change, now: number): Promise<Changed> {
  const { title = null, ...settings } = judgeChange(change)
  requireKeys(env, change)
  const { before, after } = await batchNamed(env, {
    before: FIND_BOOK(env, { slug }),
    after: CHANGE_BOOK(env, { slug, title, changes: JSON.stringify(settings) }),
  })
  const row = orNotFound(after[0], 'book')
  return { row, book: rememberBook(env, row, now), before: toBook(before[0] ?? row) }
}

/** @returns what changed, a line for each setting */
export const describeBookChange = ({ before, book }: Changed) => describeChange(Object.keys(FIELDS), before, book)

/**
 * Deletes a book. For a day, it can be restored; then the sweep removes it with its entries.
 * @param request `confirm` must be the slug if the book has entries, so that nobody deletes entries by mistake; `origin`
 *   is the origin of the guestbook
 * @throws Refusal 404, or 409 for the main book or a missing confirmation
 */
export async function deleteBook(
  env: Env,
  slug: string,
  { confirm, origin }: { confirm: string | undefined; origin: string },
  now: number
): Promise<void> {
  if (slug === MAIN_BOOK) throw new Refusal(409, 'main_book', 'The main book cannot be deleted. You can close it.')
  const { comment_count } = await readBook(env, slug, now)
  // Numbers are never given again, so the count does not say whether there are entries.
  const isEmpty = comment_count === 0 || (await first(FIND_ANY(env, { book: slug, limit: 1 }))) === null
  if (!isEmpty && confirm !== slug) {
    const detail = `The book has entries. To delete them as well, confirm with its slug: ${slug}`
    throw conflict('confirm_deletion', 'confirm', detail)
  }
  await run(MARK_DELETED(env, { slug, origin, now }))
  forgetBook(env, slug)
}

/** @throws Refusal 404 if there is no deleted book with this slug, or 410 if some of its entries are gone already */
export async function restoreBook(env: Env, slug: string, now: number): Promise<BookRow> {
  if ((await run(RESTORE(env, { slug }))) > 0) return readBook(env, slug, now)
  if (!(await first(IS_DELETED(env, { slug })))) throw notFound('deleted book')
  const detail = `The book was deleted more than ${aSpanOf(RESTORABLE_MS)} ago, and its entries are being removed. It cannot be restored.`
  throw new Refusal(410, 'deleted', detail)
}

/** Without its keys, Turnstile would hold up every entry. @throws Refusal 422 */
function requireKeys(env: Env, { turnstile }: Change): void {
  if (!turnstile || hasTurnstile(env)) return
  const message = 'Turnstile needs its keys: set TURNSTILE_SITE_KEY and TURNSTILE_SECRET_KEY first.'
  throw invalidField('turnstile', message)
}

/** @returns the change with its texts cleaned. @throws Refusal 422 */
export function judgeChange<T extends Change>(change: T, slug?: string): T {
  const given: Record<string, unknown> = change
  const judged = listRows(FIELDS).flatMap(([path, { judge }]) =>
    judge && given[path] != null ? [{ path, ...judge(given[path]) }] : []
  )
  const all = slug === undefined ? judged : [{ path: 'slug', ...judgeSlug(slug) }, ...judged]
  const faults = all.flatMap((one) => (one.ok ? [] : [{ path: one.path, message: one.error }]))
  if (faults.length > 0) throw invalid(faults)
  return { ...change, ...Object.fromEntries(judged.map((one) => [one.path, one.ok && one.value])) }
}
