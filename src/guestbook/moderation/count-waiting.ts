import type { MiddlewareHandler } from 'hono'
import type { HonoEnv } from '../../env'
import { MAX_WAITING } from '../../ui/waiting'
import { countHeld } from '../store'

/** Counts the entries that wait, for the navigation of the dashboard. Use it only after the session was checked. */
export const countWaiting: MiddlewareHandler<HonoEnv> = async (c, next) => {
  if (c.req.method === 'GET') c.set('waiting', await countHeld(c.env, MAX_WAITING))
  return next()
}
