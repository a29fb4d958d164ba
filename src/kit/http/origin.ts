import type { Context } from 'hono'
import type { HonoEnv } from '../../env'
import { originOf, parseUrl } from '../lib/url'
import { Refusal } from './problem'

/** @returns PUBLIC_URL's origin, or else the request's, whose Host anyone can set. @throws Refusal 503 if malformed */
export const publicOrigin = (c: Context<HonoEnv>): string => configuredOrigin(c.env) ?? requestOrigin(c)

/** @returns the origin of PUBLIC_URL, or null if it is not set. @throws Refusal 503 if it is malformed */
export function configuredOrigin(env: Env): string | null {
  const fault = explainPublicUrl(env)
  if (fault !== null) throw new Refusal(503, 'public_url_malformed', fault)
  return env.PUBLIC_URL ? originOf(env.PUBLIC_URL) : null
}

/** @returns the origin for a page, which can be read even if PUBLIC_URL is malformed */
export function pageOrigin(c: Context<HonoEnv>): string {
  return explainPublicUrl(c.env) === null ? publicOrigin(c) : requestOrigin(c)
}

/** @returns the origin that the request was sent to. It must not become part of a link; see `publicOrigin`. */
export const requestOrigin = (c: Context<HonoEnv>): string => new URL(c.req.url).origin

/** @returns what is wrong with PUBLIC_URL, for the owner, or null. It may be empty. */
export function explainPublicUrl({ PUBLIC_URL: url }: Env): string | null {
  if (!url || /^https?:$/.test(parseUrl(url)?.protocol ?? '')) return null
  return 'PUBLIC_URL is malformed. Set it to the address of this guestbook, such as "https://guestbook.example.com".'
}
