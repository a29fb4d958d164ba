import type { MiddlewareHandler } from 'hono'
import type { HonoEnv } from '../../env'
import { all, statement } from '../../kit/db/statements'
import { MAX_WAITING } from '../../kit/html/contexts/waiting'
import { logFault } from '../../log'
import { MAIN_BOOK } from '../books/book'
import { countHeld } from '../store'
import type { books } from '../tables'

/**
 * Lets the pages of the dashboard count the entries that wait, for their navigation. Use it only after the session was
 * checked.
 */
export const countWaiting: MiddlewareHandler<HonoEnv> = (c, next) => {
  let count: Promise<number> | undefined
  c.set('countWaiting', () => {
    // The page, which may be an error page, is still useful without the number.
    count ??= countHeld(c.env, MAX_WAITING).catch((cause) => {
      logFault('count_waiting.fault', cause)
      return 0
    })
    return count
  })
  return next()
}

type Slug = Pick<typeof books.$inferSelect, 'slug'>

const LIST_WAITING = statement<Record<never, never>, Slug>(`
  select b.slug
  from books b
  where b.slug > '' and b.deleted_at is null
    and exists (select 1 from comments c indexed by comments_of_book where c.book = b.slug and c.status = 'held')
  order by b.slug`)

/** @returns the slug of a book in which an entry waits: the main book, if it is one of several, or if none waits */
export async function findWaitingBook(env: Env): Promise<string> {
  const slugs = (await all(LIST_WAITING(env, {}))).map(({ slug }) => slug)
  return slugs.includes(MAIN_BOOK) ? MAIN_BOOK : (slugs[0] ?? MAIN_BOOK)
}
