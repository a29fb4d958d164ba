import type { Context, MiddlewareHandler } from 'hono'
import type { HonoEnv } from '../env'
import type { Actor } from '../kit/actor'
import { Refusal, tooMany } from '../kit/http/problem'
import { withinLimit } from '../kit/http/rate-limit'
import { identifyVisitor } from '../kit/http/visitor'
import { isOwnerToken, requireAdminToken } from './admin-token'
import { audited } from './audit/record'
import { openWithKey } from './keys/open'
import { isReading } from './route'

/*
 * Who may use the owner's API: ADMIN_TOKEN, and API keys within their scopes. Cookies and Cloudflare Access do not
 * count here, because browsers add both to requests that other sites make.
 */

/** @returns the token in the Authorization header, or an empty string if there is none */
export function bearerToken(c: Context<HonoEnv>): string {
  return /^Bearer +(\S+)$/i.exec(c.req.header('Authorization') ?? '')?.[1] ?? ''
}

/** Notes who acts. @returns null if there is no valid token. @throws Refusal 403 if an API key lacks the scope */
export async function findOwner(c: Context<HonoEnv>): Promise<Actor | null> {
  const token = bearerToken(c)
  const actor: Actor | null = isOwnerToken(c.env, token) ? { kind: 'token' } : await openWithKey(c, token)
  if (actor) c.set('actor', actor)
  return actor
}

/**
 * @returns whether the owner sends the request. A wrong token is refused even on a route that needs none, so that the
 * mistake is noticed. @throws Refusal 401 or 429; 403 if an API key lacks the scope; 503 if no token can be right
 */
export async function isOwner(c: Context<HonoEnv>): Promise<boolean> {
  if (c.req.header('Authorization') === undefined) return false
  // The owner may see more than others, so no cache keeps the response.
  c.header('Cache-Control', 'no-store')
  if (await findOwner(c)) return true
  requireAdminToken(c.env)
  throw await wrongToken(c, 'The token is wrong. Send "Authorization: Bearer <ADMIN_TOKEN or API key>".')
}

const CHALLENGE = { headers: { 'WWW-Authenticate': 'Bearer realm="guesthook"' } }

/**
 * Wrong tokens are counted for each visitor, apart from the login form, so that a misconfigured program does not lock
 * out a person. Correct tokens are never counted, because many programs may share an address.
 * @param detail says which token to send. @returns a Refusal 401, or 429 after too many
 */
export async function wrongToken(c: Context<HonoEnv>, detail: string): Promise<Refusal> {
  const refusal = new Refusal(401, 'bad_token', detail, CHALLENGE)
  if (c.req.header('Authorization') === undefined) return refusal
  const { key } = await identifyVisitor(c)
  if (await withinLimit(c.env.LOGIN_LIMIT, `token ${key}`)) return refusal
  return tooMany('Too many requests with a wrong token. Requests with the right token still work.')
}

/** Requires the owner's token or an API key, and records what the owner does. A session cookie is not accepted. */
export const requireOwner: MiddlewareHandler<HonoEnv> = (c, next) => requireToken(c, () => audited(c, next))

/** Lets everybody in, and notes whether it is the owner. */
export const recognizeOwner: MiddlewareHandler<HonoEnv> = async (c, next) => {
  await isOwner(c)
  return next()
}

/** Requires the owner's token or an API key, for a request that is not itself an act of the owner. */
export const requireToken: MiddlewareHandler<HonoEnv> = async (c, next) => {
  if (await isOwner(c)) return next()
  throw noToken()
}

export function noToken(): Refusal {
  const detail = 'Only the owner can send this request. Send "Authorization: Bearer <ADMIN_TOKEN or API key>".'
  return new Refusal(401, 'no_token', detail, CHALLENGE)
}

/** Requires the owner's token, except to read one public path. */
export function requireOwnerExceptReading(path: string): MiddlewareHandler<HonoEnv> {
  return async (c, next) => (isReading(c) && c.req.path === path ? next() : requireOwner(c, next))
}

/** Requires the owner's token, unless the request has a key of its own, such as a signed link. */
export function requireOwnerUnless(hasKey: (c: Context<HonoEnv>) => Promise<boolean>): MiddlewareHandler<HonoEnv> {
  return async (c, next) => {
    if (!(await hasKey(c))) return requireOwner(c, next)
    c.header('Cache-Control', 'no-store')
    return next()
  }
}
