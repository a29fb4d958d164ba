import type { Book } from '../../books/book'
import { CHARGE, type QuotaUse } from '../../books/store'
import { utf8 } from '../../core/lib/bytes'
import { dayOf } from '../../core/lib/time'
import type { Bound } from '../../db/statements'
import { refuseIfNull } from '../../http/problem'
import { overQuota } from '../../http/storage-limit'
import type { NewComment } from '../store'

/*
 * How much guests can write on one day. The statement that numbers an entry also counts its bytes: see store.ts. An edit
 * counts like an entry, because it stores a new event.
 */

/** What an entry takes up besides its text: its row, its indexes, and the envelope of its event. */
const OVERHEAD_BYTES = 1_000

type Text = Pick<NewComment, 'name' | 'body' | 'website' | 'answers' | 'extra'>

/** @returns about how many bytes an entry adds to the database. Its text is stored in its row and in its event. */
export function bytesOf({ name, body, website, answers, extra }: Text): number {
  return 2 * utf8(`${name}${body}${website ?? ''}${answers}${extra}`).length + OVERHEAD_BYTES
}

/** @param isLimited false for the owner, for whom there is no quota */
export function quotaUse({ daily_quota_mb }: Book, bytes: number, isLimited: boolean, now: number): QuotaUse {
  return { day: dayOf(now), bytes, quota: isLimited ? daily_quota_mb * 1_000_000 : 0 }
}

/** @returns the statement that counts an edit by a guest. It belongs in the batch that makes the edit: see `withinQuota` */
export function chargeEdit(env: Env, book: Book, edited: Text, now: number): Bound<never> {
  return CHARGE(env, { book: book.slug, ...quotaUse(book, bytesOf(edited), true, now) })
}

/**
 * Runs the batch that stores a guest's entry, or an edit of it.
 * @throws Refusal 429 if the entry exceeds the quota of the day. In that case, nothing is stored
 */
export function withinQuota<T>(store: () => Promise<T>, now: number): Promise<T> {
  const detail =
    'This guestbook has reached its limit for new text today. Keep your text, and sign again tomorrow (UTC).'
  return refuseIfNull({ 'books.quota_bytes': () => overQuota(detail, now) }, store)
}
