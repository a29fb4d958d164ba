import { Hono } from 'hono'
import { isReading, routeOf } from '../../access/route'
import type { HonoEnv } from '../../env'
import { answerOnce, readSubmission, wasSubmitted } from '../../kit/http/act-once'
import { keepUnlisted, requireManaged } from './manage'
import { showManaged, showManagedDelivery, showManagedEdit, showManagedGuide } from './show-managed'

/**
 * `/webhooks/manage/{token}`: an integrator's own endpoint, even if registration is off. The link is like a password,
 * so nothing caches it or sends it as a referrer. The forms are those of operations that have `managed`.
 */
export const managePages = new Hono<HonoEnv>()

managePages.use('/*', keepUnlisted)

/** Each form acts once, even if it is submitted twice. Of each form, only the answer to the last one is stored. */
managePages.use('/:token/*', async (c, next) => {
  if (isReading(c)) return next()
  const token = c.req.param('token')
  const submission = await readSubmission(c, `${token} ${routeOf(c)?.path}`)
  // The first request may have deleted the endpoint.
  if (!(await wasSubmitted(c.env, submission))) await requireManaged(c.env, token)
  return answerOnce(c, submission, async () => {
    await next()
    return c.res
  })
})

managePages.get('/:token', (c) => showManaged(c))

managePages.get('/:token/messages/:message_id', (c) => showManagedDelivery(c))

managePages.get('/:token/edit', (c) => showManagedEdit(c))

managePages.get('/:token/guide', (c) => showManagedGuide(c))
