import type { MiddlewareHandler } from 'hono'
import type { HonoEnv } from '../../env'

/**
 * Scripts on any site may read, sign, and change a guest's own entry. This is safe, because the API ignores cookies:
 * a script can do no more than a server of its site could, and a change needs the token of the entry. Sets the headers
 * before the handler runs, which is faster than Hono's own middleware.
 */
export const openToAllSites: MiddlewareHandler<HonoEnv> = async (c, next) => {
  c.header('Access-Control-Allow-Origin', '*')
  if (c.req.method !== 'OPTIONS') {
    c.header('Access-Control-Expose-Headers', 'ETag, Idempotent-Replayed, Retry-After, X-Request-Id')
    return next()
  }
  c.header('Access-Control-Allow-Methods', 'GET, POST, PATCH, DELETE')
  c.header('Access-Control-Allow-Headers', 'Authorization, Content-Type, Idempotency-Key, If-None-Match')
  c.header('Access-Control-Max-Age', '86400')
  return c.body(null, 204)
}
