import type { MiddlewareHandler } from 'hono'
import type { HonoEnv } from '../env'

/**
 * Lets scripts on any site read and sign the guestbook. That is safe, because the API ignores cookies. The methods
 * and headers that only the owner needs are not allowed. The headers are set before the handler runs, which is faster
 * than Hono's own middleware.
 */
export const openToAllSites: MiddlewareHandler<HonoEnv> = async (c, next) => {
  c.header('Access-Control-Allow-Origin', '*')
  if (c.req.method !== 'OPTIONS') {
    c.header('Access-Control-Expose-Headers', 'Idempotent-Replayed, Retry-After, X-Request-Id')
    return next()
  }
  c.header('Access-Control-Allow-Methods', 'GET, POST')
  c.header('Access-Control-Allow-Headers', 'Content-Type, Idempotency-Key')
  c.header('Access-Control-Max-Age', '86400')
  return c.body(null, 204)
}
