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

const SHOWN = 10

/** `/admin`: logging in, and what there is to see at a glance. */
export const dashboardPages = new Hono<HonoEnv>()

dashboardPages.get('/login', (c) =>
  renderPage(c, <LoginPage next={safeNext(c.req.query('next'))} error={null} />)
)

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
    const error = 'That is not the admin token.'
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
    listEndpoints(c.env, undefined, SHOWN),
    listMessages(c.env, undefined, SHOWN),
    listInbound(c.env, {}, undefined, SHOWN),
  ])
  const view = { endpoints, messages, inbound: inbound.data, now: Date.now() }
  return renderPage(c, <OverviewPage {...view} />)
})

/** Back to where the login page was met, but only to a page of the dashboard. */
function safeNext(next: string | null | undefined): string {
  return next && !next.includes('..') && /^\/admin(?:[/?][\w\-./?=&%]*)?$/.test(next)
    ? next
    : '/admin'
}
