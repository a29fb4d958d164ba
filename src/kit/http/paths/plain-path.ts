import type { MiddlewareHandler } from 'hono'
import type { HonoEnv } from '../../../env'
import { Refusal } from '../problem'

/** The longest address contains an event type; the deepest one is the button that retries a delivery. */
const MAX_LENGTH = 1_024
const MAX_SEGMENTS = 12

/**
 * Refuses a path that is longer or deeper than any of ours, so that it is not compared with every route. Refuses
 * characters that ours do not have: the router takes `*` and `:` for patterns. Any other path can be used in redirects.
 */
export const requirePlainPath: MiddlewareHandler<HonoEnv> = async (c, next) => {
  // Hono has decoded the percent-encoding, except where it is malformed or stands for a reserved character.
  if (isShort(c.req.path) && /^[\w\-./~%]*$/.test(c.req.path)) return next()
  throw nothingHere()
}

const isShort = (path: string): boolean => path.length <= MAX_LENGTH && path.split('/').length - 1 <= MAX_SEGMENTS

/** @returns the answer for an address without a route. Its page says it in the language of the guest. */
export function nothingHere(): Refusal {
  return new Refusal(404, 'not_found', 'There is nothing at this address. Check the address for typos.')
}
