import { Hono } from 'hono'
import type { HonoEnv } from '../env'
import { readForm } from '../http/form'
import { endSession, explainAdminToken, isOwnerToken, startSession } from '../http/owner-auth'
import { withinLimit } from '../http/rate-limit'
import { identifyVisitor } from '../http/visitor'
import { log } from '../log'
import { renderPage } from '../ui/render'
import { LoginPage } from './views'

/** `/admin`: login and logout. */
export const dashboardPages = new Hono<HonoEnv>()

dashboardPages.get('/login', (c) => {
  const fault = explainAdminToken(c.env)
  const page = <LoginPage next={safeNext(c.req.query('next'))} error={fault ?? undefined} />
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

dashboardPages.post('/logout', async (c) => {
  await endSession(c)
  return c.redirect('/admin/login', 303)
})

/** The page to show after login. Only dashboard pages are allowed, so that no link can redirect to another site. */
function safeNext(next: string | null | undefined): string {
  return next && !/\.\.|%2e/i.test(next) && /^\/admin(?:[/?][\w\-./?=&%]*)?$/.test(next) ? next : '/admin'
}
