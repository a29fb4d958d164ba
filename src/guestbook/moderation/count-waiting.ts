import type { MiddlewareHandler } from 'hono'
import type { HonoEnv } from '../../env'
import { MAX_WAITING } from '../../kit/html/contexts/waiting'
import { logFault } from '../../log'
import { countHeld } from '../store'

/**
 * Lets the navigation of the dashboard show how many entries wait. Use it only after the session was checked. A page
 * counts beside its own queries, and so does every other GET. A part of a page has no navigation, and forms seldom show
 * a page.
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
  if (c.req.method === 'GET' && c.req.query('part') === undefined) void c.get('countWaiting')?.()
  return next()
}
