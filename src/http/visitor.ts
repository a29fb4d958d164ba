import type { Context } from 'hono'
import { toHex, utf8 } from '../core/lib/bytes'
import { hmacSha256 } from '../core/lib/hmac'
import { deriveKey } from '../db/derived-keys'
import type { HonoEnv } from '../env'

export interface Visitor {
  /** Identifies the visitor's network for one day, so that no IP address is stored. */
  key: string
  country: string | null
}

/** @param now the current time, in epoch milliseconds */
export async function identifyVisitor(c: Context<HonoEnv>, now: number): Promise<Visitor> {
  const address = c.req.header('CF-Connecting-IP') ?? 'unknown'
  const country = c.req.raw.cf?.country
  return {
    key: await visitorKey(c.env, networkOf(address), now),
    country: typeof country === 'string' ? country : null,
  }
}

/** A household has a whole /64 of IPv6 addresses and can use a new one for each request, so only the network counts. */
function networkOf(address: string): string {
  if (!address.includes(':')) return address
  const [head = ''] = address.split('::')
  return [...head.split(':'), '0', '0', '0', '0'].slice(0, 4).join(':')
}

const DAY_MS = 86_400_000

/**
 * Identifies a visitor for one day, by an HMAC of the IP address under a key that changes every day (UTC). The address
 * itself is not stored.
 * @returns 32 hex digits
 */
async function visitorKey(env: Env, address: string, now: number): Promise<string> {
  const day = Math.floor(now / DAY_MS)
  const mac = await hmacSha256(await deriveKey(env, `visitor:${day}`), utf8(address))
  return toHex(mac).slice(0, 32)
}
