import type { Context } from 'hono'
import type { HonoEnv } from '../env'
import { nameBrowser, readCountry } from './rules/browser'

/** Who sent a request, in words. It contains no address. */
export interface Client {
  browser: string
  /** An ISO 3166 code, or null if it is not known. */
  country: string | null
}

export function clientOf(c: Context<HonoEnv>): Client {
  const country = c.req.raw.cf?.country ?? c.req.header('CF-IPCountry')
  return { browser: nameBrowser(c.req.header('User-Agent')), country: readCountry(country) }
}
