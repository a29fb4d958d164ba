import { type Context, Hono } from 'hono'
import { explainAdminToken, isOwnerToken } from '../../access/admin-token'
import { audited } from '../../access/audit/record'
import { endSession, findAccess, startSession } from '../../access/require-session'
import type { HonoEnv } from '../../env'
import { renderPage } from '../../kit/html/render'
import { readForm } from '../../kit/http/form'
import { Refusal, tooMany } from '../../kit/http/problem'
import { WAIT, withinLimit } from '../../kit/http/rate-limit'
import { identifyVisitor } from '../../kit/http/visitor'
import { DASHBOARD } from '../../kit/lib/paths'
import { log } from '../../log'
import { keepForm, readKept } from './kept-form'
import { ContinuePage, LoginPage } from './views'

/** A form that the login page keeps has longer names. */
const MAX_LOGIN_BYTES = 128 * 1_024

/** `/admin`: login and logout. */
export const dashboardPages = new Hono<HonoEnv>()

dashboardPages.get('/login', async (c) => {
  const next = safeNext(c.req.query('next'))
  const person = await findAccess(c)
  if (person && c.req.query('out') === undefined) return c.redirect(next, 303)
  const fault = explainAdminToken(c.env)
  const page = <LoginPage next={next} error={fault ?? undefined} email={person?.email} />
  return renderPage(c, page, fault === null ? 200 : 503)
})

dashboardPages.post('/login', async (c) => {
  const form = await readForm(c, MAX_LOGIN_BYTES)
  const next = safeNext(form.get('next'))
  const kept = readKept(form)
  const refusal = await findLoginRefusal(c, form.get('token') ?? '')
  if (refusal) {
    const page = <LoginPage next={next} kept={kept} error={refusal.detail} />
    return renderPage(c, page, refusal.status, refusal.headers)
  }
  await startSession(c)
  return kept === null ? c.redirect(next, 303) : renderPage(c, <ContinuePage next={next} kept={kept} />)
})

/** @returns why this token does not log in, or null */
async function findLoginRefusal(c: Context<HonoEnv>, token: string): Promise<Refusal | null> {
  const fault = explainAdminToken(c.env)
  if (fault !== null) return new Refusal(503, 'admin_token_unusable', fault)
  const visitor = await identifyVisitor(c)
  if (!(await withinLimit(c.env.LOGIN_LIMIT, visitor.key)))
    return tooMany(`Too many attempts. ${WAIT}, then try again.`)
  if (isOwnerToken(c.env, token)) return null
  log('login.refused')
  return new Refusal(401, 'bad_token', 'Wrong admin token. Check it, then try again.')
}

/**
 * Responds to a form that was submitted after the session had ended. The login page keeps the form, and after the
 * login, one click submits it. A form that cannot be kept, such as one with a file, must be filled in again.
 */
export async function askToLogIn(c: Context<HonoEnv>, refusal: Refusal): Promise<Response> {
  const { pathname, search } = new URL(c.req.url)
  const action = pathname + search
  // Otherwise, the form would be submitted to another address.
  const kept = safeNext(action) === action ? await keepForm(c) : null
  const next = kept ? action : DASHBOARD.overview
  return renderPage(c, <LoginPage next={next} kept={kept} error={kept ? KEPT : refusal.detail} />, refusal.status)
}

const KEPT = 'Your session has ended. Log in: what you entered is still here.'

/** Somebody whom Cloudflare Access has let in must log out there. */
dashboardPages.post('/logout', audited, async (c) => {
  await endSession(c)
  return c.redirect((await findAccess(c)) ? `${DASHBOARD.login}?out` : DASHBOARD.login, 303)
})

/** The page to show after login. Only dashboard pages are allowed, so that no link can redirect to another site. */
function safeNext(next: string | null | undefined): string {
  return next && !/^[^?]*(\.\.|%2e)/i.test(next) && /^\/admin(?:[/?][\w\-./?=&%+:,~!*'()@;$]*)?$/.test(next)
    ? next
    : DASHBOARD.overview
}
