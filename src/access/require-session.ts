import type { Context, MiddlewareHandler } from 'hono'
import { getCookie } from 'hono/cookie'
import type { HonoEnv } from '../env'
import type { Actor } from '../kit/actor'
import { batch, run } from '../kit/db/statements'
import { requestOrigin } from '../kit/http/origin'
import { Refusal } from '../kit/http/problem'
import { DASHBOARD } from '../kit/lib/paths'
import { logFault } from '../log'
import { actOf } from './acts'
import { audited } from './audit/record'
import { planAuditEntry } from './audit/store'
import { clientOf } from './client'
import { readAssertion } from './cloudflare/assertion'
import { keepCookie } from './cookies'
import { isReading } from './route'
import { closeSession, findSession, planSession, SESSION_SECONDS } from './sessions/store'

/* Who may use the dashboard: somebody with a session, or whom Cloudflare Access has let in. */

const COOKIE = 'guesthook_session'

/** Requires a session, and records what the owner does. A page redirects to the login page, which redirects back. */
export const requireSession: MiddlewareHandler<HonoEnv> = async (c, next) => {
  c.header('Cache-Control', 'no-store')
  const actor = await findPerson(c)
  if (actor) {
    c.set('actor', actor)
    return audited(c, next)
  }
  if (!isReading(c))
    throw new Refusal(401, 'no_session', 'Your session has ended. Log in, then fill in the form again.')
  const { pathname, search } = new URL(c.req.url)
  return c.redirect(`${DASHBOARD.login}?next=${encodeURIComponent(pathname + search)}`, 303)
}

/** Access comes first, because it knows who the person is. */
async function findPerson(c: Context<HonoEnv>): Promise<Actor | null> {
  return (await findAccess(c)) ?? (await findOpenSession(c))
}

/** @returns the person whom Cloudflare Access has let in, or null. Without its settings, the headers are ignored */
export async function findAccess(c: Context<HonoEnv>): Promise<(Actor & { kind: 'access' }) | null> {
  const token = c.req.header('Cf-Access-Jwt-Assertion') ?? getCookie(c, 'CF_Authorization')
  const email = await readAssertion(c.env, token, c.get('now'))
  return email === null ? null : { kind: 'access', email }
}

async function findOpenSession(c: Context<HonoEnv>): Promise<Actor | null> {
  const session = await findSession(c.env, getCookie(c, COOKIE), c.get('now'))
  if (!session) return null
  if (session.see) c.executionCtx.waitUntil(run(session.see).catch((cause) => logFault('session.fault', cause)))
  return { kind: 'session', id: session.id }
}

/** Rejects forms that were submitted from another site (CSRF). */
export const requireSameOrigin: MiddlewareHandler<HonoEnv> = async (c, next) => {
  if (isReading(c) || isSameOrigin(c)) return next()
  throw new Refusal(403, 'foreign_origin', 'This form was submitted from another site. Submit it from its own page.')
}

/** Compares with the request's own origin, because that is where the browser got the form. */
function isSameOrigin(c: Context<HonoEnv>): boolean {
  const origin = c.req.header('Origin')
  if (origin !== undefined) return origin === requestOrigin(c)
  return c.req.header('Sec-Fetch-Site') === 'same-origin'
}

/** Starts a session that ends after 12 hours, on logout, or when ADMIN_TOKEN is changed. One batch also records it. */
export async function startSession(c: Context<HonoEnv>): Promise<void> {
  const now = c.get('now')
  const client = clientOf(c)
  const { token, id, statement } = await planSession(c.env, client, now)
  const act = {
    act: actOf('POST', DASHBOARD.login) ?? '',
    actor: { kind: 'session' as const, id },
    subject: id,
    client,
  }
  await batch(c.env, [statement, planAuditEntry(c.env, act, now)])
  keepCookie(c, COOKIE, token, DASHBOARD.overview, SESSION_SECONDS)
}

/** Ends the session of the request, if there is one, and notes who acts. */
export async function endSession(c: Context<HonoEnv>): Promise<void> {
  const id = await closeSession(c.env, getCookie(c, COOKIE))
  if (id !== null) c.set('actor', { kind: 'session', id })
  if (id !== null) c.set('subject', id)
  keepCookie(c, COOKIE, '', DASHBOARD.overview, 0)
}
