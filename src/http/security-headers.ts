import type { MiddlewareHandler } from 'hono'
import type { HonoEnv } from '../env'

/** Nothing from elsewhere, nothing inline, nobody frames it. */
const PAGE_POLICY = [
  "default-src 'none'",
  "style-src 'self'",
  "script-src 'self'",
  "img-src 'self' data:",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** For a page whose script asks for what is new. */
export const LIVE_POLICY = `${PAGE_POLICY}; connect-src 'self'`

/** Swagger UI writes style attributes and asks for the document; scripts stay ours alone. */
export const REFERENCE_POLICY = PAGE_POLICY.replace(
  "style-src 'self'",
  "style-src 'self' 'unsafe-inline'; connect-src 'self'"
)

/**
 * Headers that every answer carries, errors too. Set before the handler, so that they are part of the response when it is made:
 * setting a dozen afterwards, as the framework's own middleware does, costs a tenth of a list request.
 */
export const responseHeaders: MiddlewareHandler<HonoEnv> = (c, next) => {
  c.header('X-Content-Type-Options', 'nosniff')
  if (!c.req.path.startsWith('/api/')) {
    c.header('Content-Security-Policy', PAGE_POLICY)
    c.header('Referrer-Policy', 'same-origin')
    c.header('Cross-Origin-Opener-Policy', 'same-origin')
    c.header('X-Frame-Options', 'DENY')
  }
  if (c.req.url.startsWith('https:')) c.header('Strict-Transport-Security', 'max-age=15552000')
  return next()
}
