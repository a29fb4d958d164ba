import { Hono } from 'hono'
import { audited } from '../access/audit/record'
import { endSession, findAccess, requireSession, startSession } from '../access/require-session'
import { listEndpoints } from '../endpoints/store'
import type { HonoEnv } from '../env'
import { countWaiting } from '../guestbook/moderation/count-waiting'
import { explainAdminToken, isOwnerToken } from '../http/admin-token'
import { readForm } from '../http/form'
import { withinLimit } from '../http/rate-limit'
import { identifyVisitor } from '../http/visitor'
import { listInbound } from '../inbound/messages/queries'
import { log } from '../log'
import { listMessages } from '../outbound/messages/queries'
import { readUsage } from '../storage/usage'
import { renderPage } from '../ui/render'
import { LoginPage, OverviewPage } from './views'

/** How many rows each list on the overview shows. */
const OVERVIEW_ROWS = 10

/** `/admin`: login, logout and overview. */
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
  const form = await readForm(c)
  const next = safeNext(form.get('next'))
  const fault = explainAdminToken(c.env)
  if (fault !== null) return renderPage(c, <LoginPage next={next} error={fault} />, 503)
  const visitor = await identifyVisitor(c, Date.now())
  if (!(await withinLimit(c.env.LOGIN_LIMIT, visitor.key))) {
    const error = 'Too many attempts. Wait a minute, then try again.'
    return renderPage(c, <LoginPage next={next} error={error} />, 429, { 'Retry-After': '60' })
  }
  if (!isOwnerToken(c.env, form.get('token') ?? '')) {
    log('login.refused')
    const error = 'Wrong admin token. Check it, then try again.'
    return renderPage(c, <LoginPage next={next} error={error} />, 401)
  }
  await startSession(c, Date.now())
  return c.redirect(next, 303)
})

/** Somebody whom Cloudflare Access has let in must log out there. */
dashboardPages.post('/logout', audited, async (c) => {
  await endSession(c)
  return c.redirect((await findAccess(c)) ? '/admin/login?out' : '/admin/login', 303)
})

dashboardPages.get('/', requireSession, countWaiting, async (c) => {
  const [endpoints, messages, inbound, usage] = await Promise.all([
    listEndpoints(c.env, undefined, OVERVIEW_ROWS),
    listMessages(c.env, undefined, OVERVIEW_ROWS),
    listInbound(c.env, {}, undefined, OVERVIEW_ROWS),
    readUsage(c.env),
  ])
  const view = { endpoints, messages, inbound: inbound.data, usage, now: Date.now() }
  return renderPage(c, <OverviewPage {...view} />)
})

/** The page to show after login. Only dashboard pages are allowed, so that no link can redirect to another site. */
function safeNext(next: string | null | undefined): string {
  return next && !/\.\.|%2e/i.test(next) && /^\/admin(?:[/?][\w\-./?=&%]*)?$/.test(next) ? next : '/admin'
}
