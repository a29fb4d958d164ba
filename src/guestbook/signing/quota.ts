import { utf8 } from '../../core/lib/bytes'
import { refuseIfNull } from '../../http/problem'
import { overQuota } from '../../http/storage-limit'
import type { NewComment } from '../store'

/*
 * How much guests can write on one day. The statement that numbers an entry also counts its bytes: see store.ts.
 */

/** What an entry takes up besides its text: its row, its indexes, and the envelope of its event. */
const OVERHEAD_BYTES = 1_000

/** @returns about how many bytes an entry adds to the database. Its text is stored in its row and in its event. */
export function bytesOf({ name, body, website, answers, extra }: NewComment): number {
  return 2 * utf8(`${name}${body}${website ?? ''}${answers}${extra}`).length + OVERHEAD_BYTES
}

/**
 * Runs the batch that stores a guest's entry.
 * @throws Refusal 429 if the entry exceeds the quota of the day. In that case, nothing is stored
 */
export function withinQuota<T>(store: () => Promise<T>, now: number): Promise<T> {
  const detail =
    'This guestbook has reached its limit for new text today. Keep your text, and sign again tomorrow (UTC).'
  return refuseIfNull({ 'books.quota_bytes': () => overQuota(detail, now) }, store)
}
