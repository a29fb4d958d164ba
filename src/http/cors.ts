import type { MiddlewareHandler } from 'hono'
import type { HonoEnv } from '../env'

/**
 * Lets scripts of any site read and sign: there is nothing here that a cookie would open. The owner's calls are not among the allowed
 * methods and headers. Headers are set before the handler; the framework's own middleware makes a response first to set them on.
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
