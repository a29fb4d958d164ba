import type { Bound } from '../../kit/db/statements'
import { overQuota, refuseIfNull } from '../../kit/http/problem'
import type { Visitor } from '../../kit/http/visitor'
import { dayOf } from '../../kit/lib/time'
import type { Book } from '../books/book'
import { CHARGE, type QuotaUse } from '../books/quota/store'
import { quotaBytes, rowBytes, sharesOf, storedBytes } from '../rules/entries/quota'
import { english } from '../rules/languages'
import { forgetText } from './repeated-texts'

/*
 * How much guests can store in a day: see rules/entries/quota.ts. The statement that numbers an entry also counts its
 * bytes. An edit counts like an entry, because it stores an event, too.
 */

/** The columns of a message besides its payload, and the columns of a comment that are written later. */
const OTHER_COLUMNS_BYTES = 150
/** An entry in the index of the comments of a book. */
const INDEX_BYTES = 60

/** @returns how many bytes an entry adds to the database: its row, and the event that contains its text once more */
export function bytesOf(comment: object, payload: string | undefined): number {
  const event = payload === undefined ? 0 : storedBytes(rowBytes({ payload }) + OTHER_COLUMNS_BYTES)
  return storedBytes(rowBytes(comment) + OTHER_COLUMNS_BYTES) + INDEX_BYTES + event
}

/** @param by who stores it; null for those who have no quota, such as the owner */
export function quotaUse(book: Book, bytes: number, by: Pick<Visitor, 'network'> | null, now: number): QuotaUse {
  const quota = by ? quotaBytes(book) : 0
  return { day: dayOf(now), network: by?.network ?? '', bytes, quota, ...sharesOf(quota) }
}

/** @returns the statement that counts an edit by a guest, for the batch that makes the edit: see `withinQuota` */
export function chargeEdit(env: Env, book: Book, bytes: number, by: Visitor, now: number): Bound<never> {
  return CHARGE(env, { book: book.slug, ...quotaUse(book, bytes, by, now) })
}

/**
 * Runs the batch that stores an entry of a guest, or an edit. If it fails, the guest may send the same text again.
 * @throws Refusal 429 if a limit of the day would be exceeded. Then nothing is stored
 */
export async function withinQuota<T>(
  env: Env,
  { book, body }: { book: string; body: string },
  store: () => Promise<T>,
  now: number
): Promise<T> {
  try {
    return await refuseIfNull({ 'books.quota_bytes': () => overQuota(english().text('over_quota'), now) }, store)
  } catch (cause) {
    forgetText(env, book, body)
    throw cause
  }
}
