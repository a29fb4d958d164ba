import type { MiddlewareHandler } from 'hono'
import type { HonoEnv } from '../../env'

/** Any site may read, sign, and change a guest's own entry: the API ignores cookies. Faster than Hono's middleware. */
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
