import type { Context, MiddlewareHandler } from 'hono'
import { deleteCookie, getSignedCookie, setSignedCookie } from 'hono/cookie'
import { equalBytes, toBase64, utf8 } from '../core/lib/bytes'
import { hmacSha256 } from '../core/lib/hmac'
import { deriveKey } from '../db/derived-keys'
import type { HonoEnv } from '../env'
import { Refusal } from './problem'

const COOKIE = 'guesthook_session'
const SESSION_SECONDS = 12 * 60 * 60

/** Constant time for a token of the right length; the length of ours is no secret, `npm start` always makes the same. */
export function isOwnerToken(env: Env, token: string): boolean {
  return env.ADMIN_TOKEN ? equalBytes(utf8(token), utf8(env.ADMIN_TOKEN)) : false
}

/** True when the request carries the owner's token: it lifts the public limits. A wrong token is refused, not ignored. */
export function isOwner(c: Context<HonoEnv>): boolean {
  const header = c.req.header('Authorization')
  if (header === undefined) return false
  const token = /^Bearer +(\S+)$/i.exec(header)?.[1]
  if (token !== undefined && isOwnerToken(c.env, token)) return true
  throw new Refusal(401, 'bad_token', 'That is not "Bearer <ADMIN_TOKEN>".', CHALLENGE)
}

const CHALLENGE = { headers: { 'WWW-Authenticate': 'Bearer realm="guesthook"' } }

/** For the JSON API: the owner's bearer token, and nothing else. A session cookie does not count, so no other site can use it. */
export const requireOwner: MiddlewareHandler<HonoEnv> = async (c, next) => {
  // What only the owner may see is for no cache to keep.
  c.header('Cache-Control', 'no-store')
  if (isOwner(c)) return next()
  const detail = 'This call is the owner\'s. Send "Authorization: Bearer <ADMIN_TOKEN>".'
  throw new Refusal(401, 'no_token', detail, CHALLENGE)
}

/** The owner's, but for reading one address, which is anyone's. */
export function requireOwnerExceptReading(path: string): MiddlewareHandler<HonoEnv> {
  return async (c, next) => {
    const isReading = c.req.method === 'GET' || c.req.method === 'HEAD'
    return isReading && c.req.path === path ? next() : requireOwner(c, next)
  }
}

/** The owner, or whoever has a key to that very thing. */
export function requireOwnerUnless(
  hasKey: (c: Context<HonoEnv>) => Promise<boolean>
): MiddlewareHandler<HonoEnv> {
  return async (c, next) => {
    if (!(await hasKey(c))) return requireOwner(c, next)
    c.header('Cache-Control', 'no-store')
    return next()
  }
}

/** For the dashboard: a live session, else the login page, which leads back here. */
export const requireSession: MiddlewareHandler<HonoEnv> = async (c, next) => {
  c.header('Cache-Control', 'no-store')
  if (await hasSession(c)) return next()
  if (c.req.method !== 'GET' && c.req.method !== 'HEAD') {
    throw new Refusal(401, 'no_session', 'Your session has ended. Log in, then send it again.')
  }
  const { pathname, search } = new URL(c.req.url)
  return c.redirect(`/admin/login?next=${encodeURIComponent(pathname + search)}`, 303)
}

/** A form that changes something counts only when one of our own pages sent it. */
export const requireSameOrigin: MiddlewareHandler<HonoEnv> = async (c, next) => {
  if (c.req.method === 'GET' || c.req.method === 'HEAD' || isSameOrigin(c)) return next()
  throw new Refusal(403, 'foreign_origin', 'This form was not sent from its own page.')
}

function isSameOrigin(c: Context<HonoEnv>): boolean {
  const origin = c.req.header('Origin')
  if (origin !== undefined) return origin === new URL(c.req.url).origin
  return c.req.header('Sec-Fetch-Site') === 'same-origin'
}

export async function startSession(c: Context<HonoEnv>, now: number): Promise<void> {
  await setSignedCookie(
    c,
    COOKIE,
    String(now + SESSION_SECONDS * 1_000),
    await sessionSecret(c.env),
    {
      path: '/admin',
      httpOnly: true,
      sameSite: 'Lax',
      secure: new URL(c.req.url).protocol === 'https:',
      maxAge: SESSION_SECONDS,
    }
  )
}

export function endSession(c: Context<HonoEnv>): void {
  deleteCookie(c, COOKIE, { path: '/admin' })
}

async function hasSession(c: Context<HonoEnv>): Promise<boolean> {
  const expires = await getSignedCookie(c, await sessionSecret(c.env), COOKIE)
  return typeof expires === 'string' && Number(expires) > Date.now()
}

/** Depends on the token too: a new ADMIN_TOKEN ends every session. */
async function sessionSecret(env: Env): Promise<string> {
  return toBase64(await hmacSha256(await deriveKey(env, 'session'), utf8(env.ADMIN_TOKEN)))
}
