import type { Context, MiddlewareHandler } from 'hono'
import { deleteCookie, getSignedCookie, setSignedCookie } from 'hono/cookie'
import { equalBytes, toBase64, utf8 } from '../core/lib/bytes'
import { hmacSha256 } from '../core/lib/hmac'
import { deriveKey } from '../db/derived-keys'
import type { HonoEnv } from '../env'
import { Refusal } from './problem'

const COOKIE = 'guesthook_session'
const SESSION_SECONDS = 12 * 60 * 60

/** Compares in constant time if the lengths are equal. The token's length is not secret. */
export function isOwnerToken(env: Env, token: string): boolean {
  return env.ADMIN_TOKEN ? equalBytes(utf8(token), utf8(env.ADMIN_TOKEN)) : false
}

/**
 * Checks whether the request has the owner's token.
 * @throws Refusal 401 if the request has a wrong token, so that a mistake does not go unnoticed on a public API
 */
export function isOwner(c: Context<HonoEnv>): boolean {
  const header = c.req.header('Authorization')
  if (header === undefined) return false
  const token = /^Bearer +(\S+)$/i.exec(header)?.[1]
  if (token !== undefined && isOwnerToken(c.env, token)) return true
  throw new Refusal(401, 'bad_token', 'The token is wrong. Send "Authorization: Bearer <ADMIN_TOKEN>".', CHALLENGE)
}

const CHALLENGE = { headers: { 'WWW-Authenticate': 'Bearer realm="guesthook"' } }

/** Requires the owner's bearer token. A session cookie is not accepted, so other sites cannot forge a call. */
export const requireOwner: MiddlewareHandler<HonoEnv> = async (c, next) => {
  c.header('Cache-Control', 'no-store')
  if (isOwner(c)) return next()
  const detail = 'Only the owner can send this request. Send "Authorization: Bearer <ADMIN_TOKEN>".'
  throw new Refusal(401, 'no_token', detail, CHALLENGE)
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

/** Requires a session. Without a session, a page redirects to the login page, which redirects back after login. */
export const requireSession: MiddlewareHandler<HonoEnv> = async (c, next) => {
  c.header('Cache-Control', 'no-store')
  if (await hasSession(c)) return next()
  if (!isReading(c)) throw new Refusal(401, 'no_session', 'Your session has ended. Log in, then submit the form again.')
  const { pathname, search } = new URL(c.req.url)
  return c.redirect(`/admin/login?next=${encodeURIComponent(pathname + search)}`, 303)
}

/** Rejects forms that were submitted from another site (CSRF). */
export const requireSameOrigin: MiddlewareHandler<HonoEnv> = async (c, next) => {
  if (isReading(c) || isSameOrigin(c)) return next()
  throw new Refusal(403, 'foreign_origin', 'This form was submitted from another site. Submit it from its own page.')
}

function isReading({ req }: Context<HonoEnv>): boolean {
  return req.method === 'GET' || req.method === 'HEAD'
}

function isSameOrigin(c: Context<HonoEnv>): boolean {
  const origin = c.req.header('Origin')
  if (origin !== undefined) return origin === new URL(c.req.url).origin
  return c.req.header('Sec-Fetch-Site') === 'same-origin'
}

export async function startSession(c: Context<HonoEnv>, now: number): Promise<void> {
  await setSignedCookie(c, COOKIE, String(now + SESSION_SECONDS * 1_000), await sessionSecret(c.env), {
    path: '/admin',
    httpOnly: true,
    sameSite: 'Lax',
    secure: new URL(c.req.url).protocol === 'https:',
    maxAge: SESSION_SECONDS,
  })
}

export function endSession(c: Context<HonoEnv>): void {
  deleteCookie(c, COOKIE, { path: '/admin' })
}

async function hasSession(c: Context<HonoEnv>): Promise<boolean> {
  const expires = await getSignedCookie(c, await sessionSecret(c.env), COOKIE)
  return typeof expires === 'string' && Number(expires) > Date.now()
}

/** The secret depends on ADMIN_TOKEN, so that changing the token ends every session. */
async function sessionSecret(env: Env): Promise<string> {
  return toBase64(await hmacSha256(await deriveKey(env, 'session'), utf8(env.ADMIN_TOKEN)))
}
