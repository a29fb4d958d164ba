import type { Context } from 'hono'
import { visitorKey } from '../db/keys'
import type { HonoEnv } from '../env'
import { logFault } from '../log'

export interface Visitor {
  /** Changes every day; the same address has the same key for that long. */
  key: string
  country: string | null
}

export async function identifyVisitor(c: Context<HonoEnv>, now: number): Promise<Visitor> {
  const address = c.req.header('CF-Connecting-IP') ?? 'unknown'
  const country = c.req.raw.cf?.country
  return {
    key: await visitorKey(c.env, networkOf(address), now),
    country: typeof country === 'string' ? country : null,
  }
}

/** A household holds a whole /64 of IPv6 addresses, and may take a new one for each request. */
function networkOf(address: string): string {
  if (!address.includes(':')) return address
  const [head = ''] = address.split('::')
  return [...head.split(':'), '0', '0', '0', '0'].slice(0, 4).join(':')
}

/** @returns false when over the limit of that binding. It is a brake, so where it fails nobody is stopped. */
export async function withinLimit(limit: RateLimit, key: string): Promise<boolean> {
  try {
    return (await limit.limit({ key })).success
  } catch (cause) {
    logFault('rate_limit.fault', cause)
    return true
  }
}

/** Where this guestbook lives, without a trailing slash: as configured, else as it was asked for. */
export function publicOrigin(c: Context<HonoEnv>): string {
  return configuredOrigin(c.env) ?? new URL(c.req.url).origin
}

export function configuredOrigin(env: Env): string | null {
  return env.PUBLIC_URL ? new URL(env.PUBLIC_URL).origin : null
}
