import type { Context } from 'hono'
import type { HonoEnv } from '../env'

/** @returns this guestbook's origin, without a trailing slash, from PUBLIC_URL if set, otherwise from the request */
export function publicOrigin(c: Context<HonoEnv>): string {
  return configuredOrigin(c.env) ?? new URL(c.req.url).origin
}

/** @returns the origin of PUBLIC_URL, or null if it is not set */
export function configuredOrigin(env: Env): string | null {
  return env.PUBLIC_URL ? new URL(env.PUBLIC_URL).origin : null
}
