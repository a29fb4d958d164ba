import type { Context } from 'hono'
import type { HonoEnv } from '../env'

/** Where this guestbook lives, without a trailing slash: as configured, else as it was asked for. */
export function publicOrigin(c: Context<HonoEnv>): string {
  return configuredOrigin(c.env) ?? new URL(c.req.url).origin
}

export function configuredOrigin(env: Env): string | null {
  return env.PUBLIC_URL ? new URL(env.PUBLIC_URL).origin : null
}
