import type { Context, MiddlewareHandler } from 'hono'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import { equalBytes, utf8 } from '../core/lib/bytes'
import { isPlaceholder } from '../core/lib/placeholder'
import type { HonoEnv } from '../env'
import { requestOrigin } from './origin'
import { Refusal, tooMany } from './problem'
import { withinLimit } from './rate-limit'
import { closeSession, isSessionOpen, openSession, SESSION_SECONDS } from './sessions'
import { identifyVisitor } from './visitor'

const COOKIE = 'guesthook_session'

/** @returns what is wrong with ADMIN_TOKEN, for the owner, or null */
export function explainAdminToken({ ADMIN_TOKEN: token }: Env): string | null {
  const what = token ? 'is a placeholder that everybody knows' : 'is missing'
  if (token && !isPlaceholder(token)) return null
  return `ADMIN_TOKEN ${what}. Choose a long random value, for example with "openssl rand -base64 24", and set it with "npx wrangler secret put ADMIN_TOKEN".`
}

/** @throws Refusal 503 if nobody can log in, because ADMIN_TOKEN is missing or is a placeholder */
export function requireAdminToken(env: Env): void {
  const fault = explainAdminToken(env)
  if (fault !== null) throw new Refusal(503, 'admin_token_unusable', fault)
}

/** Compares in constant time if the lengths are equal. The token's length is not secret. */
export function isOwnerToken(env: Env, token: string): boolean {
  return explainAdminToken(env) === null && equalBytes(utf8(token), utf8(env.ADMIN_TOKEN))
}

/** @returns the token in the Authorization header, or an empty string if there is none */
export function bearerToken(c: Context<HonoEnv>): string {
  return /^Bearer +(\S+)$/i.exec(c.req.header('Authorization') ?? '')?.[1] ?? ''
}

/**
 * Checks whether the request has the owner's token.
 * @throws Refusal 401 or 429 if the request has a wrong token, so that a mistake does not go unnoticed on a public API;
 *   503 if no token can be right
 */
export async function isOwner(c: Context<HonoEnv>): Promise<boolean> {
  if (c.req.header('Authorization') === undefined) return false
  if (isOwnerToken(c.env, bearerToken(c))) return true
  requireAdminToken(c.env)
  throw await wrongToken(c, 'The token is wrong. Send "Authorization: Bearer <ADMIN_TOKEN>".')
}

const CHALLENGE = { headers: { 'WWW-Authenticate': 'Bearer realm="guesthook"' } }

/**
 * Makes the refusal for a request whose token is missing or wrong. Wrong tokens are counted for each visitor,
 * separately from the login form, so that a misconfigured program cannot lock out a person behind the same address. A
 * correct token is never counted, because many programs may share an address with one that is misconfigured.
 * @param detail says which token to send
 * @returns a Refusal 401, or 429 if the visitor has sent too many wrong tokens
 */
export async function wrongToken(c: Context<HonoEnv>, detail: string): Promise<Refusal> {
  const refusal = new Refusal(401, 'bad_token', detail, CHALLENGE)
  if (c.req.header('Authorization') === undefined) return refusal
  const { key } = await identifyVisitor(c, Date.now())
  if (await withinLimit(c.env.LOGIN_LIMIT, `token ${key}`)) return refusal
  return tooMany('Too many requests with a wrong token. Correct the token. Requests with the right token still work.')
}

/** Requires the owner's bearer token. A session cookie is not accepted, so other sites cannot forge a call. */
export const requireOwner: MiddlewareHandler<HonoEnv> = async (c, next) => {
  c.header('Cache-Control', 'no-store')
  if (await isOwner(c)) return next()
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

/** Compares with the request's own origin, because that is where the browser got the form. */
function isSameOrigin(c: Context<HonoEnv>): boolean {
  const origin = c.req.header('Origin')
  if (origin !== undefined) return origin === requestOrigin(c)
  return c.req.header('Sec-Fetch-Site') === 'same-origin'
}

/** Starts a session that ends after 12 hours, on logout, or when ADMIN_TOKEN is changed. */
export async function startSession(c: Context<HonoEnv>, now: number): Promise<void> {
  setCookie(c, COOKIE, await openSession(c.env, now), {
    path: '/admin',
    httpOnly: true,
    sameSite: 'Lax',
    secure: new URL(c.req.url).protocol === 'https:',
    maxAge: SESSION_SECONDS,
  })
}

export async function endSession(c: Context<HonoEnv>): Promise<void> {
  await closeSession(c.env, getCookie(c, COOKIE))
  deleteCookie(c, COOKIE, { path: '/admin' })
}

function hasSession(c: Context<HonoEnv>): Promise<boolean> {
  return isSessionOpen(c.env, getCookie(c, COOKIE), Date.now())
}
