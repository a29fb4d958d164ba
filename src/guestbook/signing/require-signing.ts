import { Refusal, requireStorage, tooMany } from '../../kit/http/problem'
import { IN_ONE_PERIOD, WAIT, withinLimit } from '../../kit/http/rate-limit'
import type { Visitor } from '../../kit/http/visitor'
import type { Book } from '../books/book'
import { applies, type Door } from './doors'

const CLOSED = 'This guestbook is closed. Its entries can still be read.'
const TOO_FAST = `Too many entries ${IN_ONE_PERIOD}. ${WAIT}, then send the entry again.`
const TOO_MANY_SEARCHES = `Too many searches ${IN_ONE_PERIOD}. ${WAIT}, then search again.`
const FULL = 'The guestbook is full at the moment. Keep the text, and send the entry again later.'

interface Admission {
  door: Door
  /** Not needed at a door that is open although its book is closed. */
  book?: Pick<Book, 'is_open'>
  visitor: Visitor
}

/**
 * Checks what can be checked before anything is read: whether a stranger may write now.
 * @param details what to do after too many entries, and while the database is almost full
 * @throws Refusal 403 if the book is closed, 429 after too many entries, or 503 if the database is almost full
 */
export async function admit(
  env: Env,
  { door, book, visitor }: Admission,
  { tooFast, full }: { tooFast: string; full: string } = { tooFast: TOO_FAST, full: FULL }
): Promise<void> {
  if (book && applies('open', door)) requireOpenBook(book)
  if (applies('rate', door)) await requireTurn(env, visitor, tooFast)
  if (applies('storage', door)) requireStorage(env, full)
}

/** Everything that a stranger sends has one limit. @throws Refusal 429 */
export async function requireTurn(env: Env, { key }: Visitor, detail = TOO_FAST): Promise<void> {
  if (!(await withinLimit(env.SIGN_LIMIT, key))) throw tooMany(detail)
}

/** Limits previews and forms that are shown again: each is rendered for one guest, and uncached. @throws Refusal 429 */
export async function requireLook(env: Env, { key }: Visitor): Promise<void> {
  if (!(await withinLimit(env.TEST_LIMIT, `form ${key}`))) throw tooMany(TOO_FAST)
}

/** A search reads many entries, so each visitor has few of them. @throws Refusal 429 */
export async function requireSearch(env: Env, { key }: Visitor): Promise<void> {
  if (!(await withinLimit(env.TEST_LIMIT, `search ${key}`))) throw tooMany(TOO_MANY_SEARCHES)
}

/** @throws Refusal 403 */
export function requireOpenBook({ is_open }: Pick<Book, 'is_open'>): void {
  if (!is_open) throw new Refusal(403, 'book_closed', CLOSED)
}
