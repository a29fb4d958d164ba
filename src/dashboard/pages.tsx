import { Hono } from 'hono'
import { listEndpoints } from '../endpoints/store'
import type { HonoEnv } from '../env'
import { readForm } from '../http/form'
import { endSession, isOwnerToken, requireSession, startSession } from '../http/owner-auth'
import { withinLimit } from '../http/rate-limit'
import { identifyVisitor } from '../http/visitor'
import { listInbound } from '../inbound/messages/queries'
import { log } from '../log'
import { listMessages } from '../outbound/messages/queries'
import { renderPage } from '../ui/render'
import { LoginPage, OverviewPage } from './views'

/** How many rows each list on the overview shows. */
const OVERVIEW_ROWS = 10

/** `/admin`: login, logout and overview. */
export const dashboardPages = new Hono<HonoEnv>()

dashboardPages.get('/login', (c) => renderPage(c, <LoginPage next={safeNext(c.req.query('next'))} />))

dashboardPages.post('/login', async (c) => {
  const form = await readForm(c)
  const next = safeNext(form.get('next'))
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

dashboardPages.post('/logout', (c) => {
  endSession(c)
  return c.redirect('/admin/login', 303)
})

dashboardPages.get('/', requireSession, async (c) => {
  const [endpoints, messages, inbound] = await Promise.all([
    listEndpoints(c.env, undefined, OVERVIEW_ROWS),
    listMessages(c.env, undefined, OVERVIEW_ROWS),
    listInbound(c.env, {}, undefined, OVERVIEW_ROWS),
  ])
  const view = { endpoints, messages, inbound: inbound.data, now: Date.now() }
  return renderPage(c, <OverviewPage {...view} />)
})

/** The page to show after login. Only dashboard pages are allowed, so that no link can redirect to another site. */
function safeNext(next: string | null | undefined): string {
  return next && !next.includes('..') && /^\/admin(?:[/?][\w\-./?=&%]*)?$/.test(next) ? next : '/admin'
}
