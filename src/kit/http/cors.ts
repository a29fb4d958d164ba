import { cors } from 'hono/cors'

/**
 * Scripts on any site may read, sign, and change a guest's own entry. This is safe, because the API ignores cookies:
 * a script can do no more than a server of its site could, and a change needs the token of the entry.
 */
export const openToAllSites = cors({
  origin: '*',
  allowMethods: ['GET', 'POST', 'PATCH', 'DELETE'],
  allowHeaders: ['Authorization', 'Content-Type', 'Idempotency-Key', 'If-None-Match'],
  exposeHeaders: ['ETag', 'Idempotent-Replayed', 'Retry-After', 'X-Request-Id'],
  maxAge: 86_400,
})
