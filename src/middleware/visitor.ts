import type { Context } from 'hono'
import { visitorKey } from '../db/keys'
import type { HonoEnv } from '../env'

export interface Visitor {
  /** Changes every day; the same address has the same key for that long. */
  key: string
  country: string | null
}

export async function identifyVisitor(c: Context<HonoEnv>, now: number): Promise<Visitor> {
  const address = c.req.header('CF-Connecting-IP') ?? 'unknown'
  const country = c.req.raw.cf?.country
  return {
    key: await visitorKey(c.env, address, now),
    country: typeof country === 'string' ? country : null,
  }
}

/** @returns false when the visitor is over the limit of that binding */
export async function withinLimit(limit: RateLimit, key: string): Promise<boolean> {
  return (await limit.limit({ key })).success
}

/** Where this guestbook lives, without a trailing slash: as configured, else as it was asked for. */
export function publicOrigin(c: Context<HonoEnv>): string {
  return c.env.PUBLIC_URL ? new URL(c.env.PUBLIC_URL).origin : new URL(c.req.url).origin
}
