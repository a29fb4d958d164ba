import type { Context } from 'hono'
import type { Book } from '../../books/book'
import type { HonoEnv } from '../../env'
import { Refusal, tooMany } from '../../http/problem'
import { withinLimit } from '../../http/rate-limit'
import { requireStorage } from '../../http/storage-limit'
import type { Visitor } from '../../http/visitor'

const FULL = 'The guestbook is full at the moment. Keep the text, and send the comment again later.'
const CLOSED = 'This guestbook is closed. Its entries can still be read.'
const TOO_FAST = 'Too many comments in one minute. Wait a minute, then send the comment again.'

/**
 * Checks whether a guest may sign a book now. The limits do not apply to the owner.
 * @throws Refusal 403 if the book is closed, 429 after too many entries, or 503 if the database is almost full
 */
export async function requireSigning(c: Context<HonoEnv>, book: Book, { key }: Visitor): Promise<void> {
  requireOpen(book)
  if (!(await withinLimit(c.env.SIGN_LIMIT, key))) throw tooMany(TOO_FAST)
  requireStorage(c.env, FULL)
}

/** @throws Refusal 403 */
export function requireOpen({ is_open }: Pick<Book, 'is_open'>): void {
  if (!is_open) throw new Refusal(403, 'book_closed', CLOSED)
}
