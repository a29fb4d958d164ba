import type { MiddlewareHandler } from 'hono'
import type { HonoEnv } from '../../env'
import { MAX_WAITING } from '../../ui/waiting'
import { countHeld } from '../store'

/**
 * Lets the pages of the dashboard count the entries that wait, for their navigation. Use it only after the session was
 * checked.
 */
export const countWaiting: MiddlewareHandler<HonoEnv> = (c, next) => {
  let count: Promise<number> | undefined
  c.set('countWaiting', () => {
    count ??= countHeld(c.env, MAX_WAITING)
    return count
  })
  return next()
}
