import type { Context } from 'hono'
import { visitorKey } from '../db/derived-keys'
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
