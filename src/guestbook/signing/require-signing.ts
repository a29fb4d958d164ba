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
export async function requireSigning(c: Context<HonoEnv>, book: Book, visitor: Visitor): Promise<void> {
  requireOpen(book)
  await requireTurn(c, visitor)
  requireStorage(c.env, FULL)
}

/** Checks whether guests may change their own entries now: an edit takes up space, too. @throws Refusal 429 or 503 */
export async function requireEditing(c: Context<HonoEnv>, visitor: Visitor): Promise<void> {
  await requireTurn(c, visitor)
  requireStorage(c.env, FULL)
}

/** Everything that a guest sends has one limit. @throws Refusal 429 */
export async function requireTurn(c: Context<HonoEnv>, { key }: Visitor): Promise<void> {
  if (!(await withinLimit(c.env.SIGN_LIMIT, key))) throw tooMany(TOO_FAST)
}

/**
 * Checks whether a guest may have a form shown again: a preview, or a form that cannot be read. It stores nothing, but
 * makes a page of its own, so it has a limit of its own. @throws Refusal 429
 */
export async function requireLook(c: Context<HonoEnv>, { key }: Visitor): Promise<void> {
  if (!(await withinLimit(c.env.TEST_LIMIT, `form ${key}`))) throw tooMany(TOO_FAST)
}

/** @throws Refusal 403 */
export function requireOpen({ is_open }: Pick<Book, 'is_open'>): void {
  if (!is_open) throw new Refusal(403, 'book_closed', CLOSED)
}
