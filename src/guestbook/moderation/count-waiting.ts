import type { MiddlewareHandler } from 'hono'
import type { HonoEnv } from '../../env'
import { MAX_WAITING } from '../../kit/html/contexts/waiting'
import { logFault } from '../../log'
import { countHeld } from '../store'

/** Lets the navigation of the dashboard show how many entries wait. Use it only after the session was checked. */
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
