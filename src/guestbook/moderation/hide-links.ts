import type { MiddlewareHandler } from 'hono'
import { decodeUtf8 } from '../../core/lib/bytes'
import type { HonoEnv } from '../../env'
import { LINK_IN_TEXT } from './links'

/**
 * Hides moderation links from API keys that may read, but not moderate: whoever has a link can moderate without a key.
 * The links are in the payloads of `comment.held`, and so in what was sent and received.
 */
export const hideLinks: MiddlewareHandler<HonoEnv> = async (c, next) => {
  await next()
  const scopes = c.get('scopes')
  if (scopes === undefined || scopes.includes('moderate') || c.res.body === null) return
  const { status, headers } = c.res
  const bytes = new Uint8Array(await c.res.arrayBuffer())
  const hidden = decodeUtf8(bytes)?.replace(LINK_IN_TEXT, 'mod_hidden')
  c.res = new Response(hidden ?? bytes, { status, headers })
}
