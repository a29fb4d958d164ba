import type { MiddlewareHandler } from 'hono'
import { first, statement } from '../../db/statements'
import type { HonoEnv } from '../../env'
import { MAX_WAITING } from '../../ui/waiting'

const COUNT = statement<Record<string, never>, { waiting: number }>(`
  select coalesce(sum((
    select count(*)
    from (
      select 1 from comments indexed by comments_of_book
      where book = b.slug and status = 'held'
      limit ${MAX_WAITING}))), 0) as waiting
  from books b
  where b.slug > '' and b.deleted_at is null`)

/** Counts the entries that wait, for the navigation of the dashboard. Use it only after the session was checked. */
export const countWaiting: MiddlewareHandler<HonoEnv> = async (c, next) => {
  if (c.req.method === 'GET') c.set('waiting', (await first(COUNT(c.env, {})))?.waiting ?? 0)
  return next()
}
