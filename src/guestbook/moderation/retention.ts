import { all, batch, isNullViolation } from '../../kit/db/statements'
import { configuredOrigin } from '../../kit/http/origin'
import { firstIdAt } from '../../kit/lib/ids'
import type { Budget } from '../../kit/sweep/subrequest-budget'
import { toBook } from '../books/book'
import { BEGIN_REMOVAL, LIST_EXPIRED, REMOVE_BOOK, RESTORABLE_MS } from '../books/store'
import { REMOVE_PICTURES } from '../pictures/store'
import { SPAM_KEPT_MS } from '../rules/entries/decide'
import { FIND_ANY, LIST_OLD_SPAM } from '../store'
import { REMOVE_BUTTONS } from '../wall/store'
import { DELETION_STATEMENTS, deleteComments, MAX_AT_ONCE } from './moderate'

/**
 * Removes books that can no longer be restored, one page of entries per sweep. Endpoints get `comment.removed` for
 * those that were published. @returns how many entries and books were removed
 */
export async function removeExpiredBooks(env: Env, now: number, budget: Budget): Promise<number> {
  if (!budget.take(1)) return 0
  const deleted_before = now - RESTORABLE_MS
  const [row] = await all(LIST_EXPIRED(env, { deleted_before }))
  if (!row || !budget.take(1)) return 0
  const comments = await all(FIND_ANY(env, { book: row.slug, limit: MAX_AT_ONCE }))
  const expired = { slug: row.slug, deleted_before }
  if (comments.length === 0) {
    if (!budget.take(3)) return 0
    const files = [REMOVE_PICTURES(env, expired), REMOVE_BUTTONS(env, expired)]
    const [removed] = await batch(env, [REMOVE_BOOK(env, expired), ...files])
    return removed.meta.changes
  }
  if (!budget.take(DELETION_STATEMENTS + 3)) return 0
  const linkOrigin = () => configuredOrigin(env) ?? toBook(row).deleted_from
  const statements = [BEGIN_REMOVAL(env, expired)]
  try {
    return await deleteComments({ env, now, linkOrigin }, comments, { statements })
  } catch (cause) {
    // The owner has just restored the book.
    if (isNullViolation(cause, 'books.title')) return 0
    throw cause
  }
}

/** Removes what has been spam for 30 days, one page per sweep. @returns how many entries were removed */
export async function removeOldSpam(env: Env, now: number, budget: Budget): Promise<number> {
  if (!budget.take(1)) return 0
  const marked_before = now - SPAM_KEPT_MS
  const page = { before: firstIdAt('cmt', marked_before), marked_before, limit: MAX_AT_ONCE }
  const [first, ...others] = await all(LIST_OLD_SPAM(env, page))
  if (!first || !budget.take(DELETION_STATEMENTS + 1)) return 0
  // The deletion loads each book, so one sweep stays with one book.
  const comments = [first, ...others.filter(({ book }) => book === first.book)]
  // Spam is on no page, so no event reports its removal, and no link needs the origin.
  return deleteComments({ env, now, linkOrigin: () => 'https://guestbook.invalid' }, comments)
}
