import { type Context, Hono } from 'hono'
import { isReading, routeOf } from '../../access/route'
import type { HonoEnv } from '../../env'
import { contextOf } from '../../kit/context'
import { run } from '../../kit/db/statements'
import { renderForm, renderPage } from '../../kit/html/render'
import { withFlash } from '../../kit/http/flash'
import { expectRefusal, explain, parseFields, readForm } from '../../kit/http/form'
import { answerOnce, readSubmission, wasSubmitted } from '../../kit/http/forms/submissions'
import { notFound, tooMany } from '../../kit/http/problem'
import { WAIT, withinLimit } from '../../kit/http/rate-limit'
import { DAY_MS } from '../../kit/lib/time'
import { disableEndpoint } from '../endpoints/health'
import { rotateSecret } from '../endpoints/manage'
import { removeEndpoint, startEndpoint } from '../endpoints/page/lifecycle'
import { sendTest } from '../endpoints/page/send-test'
import { rotation } from '../endpoints/schemas'
import type { EndpointRow } from '../endpoints/store'
import { retryDelivery } from '../send/messages/retry'
import { planReplay, refuseIfFull, requireEnabled, startReplay, stopReplay } from '../send/replay/replay'
import { findJob } from '../send/replay/store'
import { editRegistration, fieldsOf, givenTypes } from './edit'
import { EditManagedPage } from './edit-views'
import { maySend, ownerMustEnable, RESUMABLE, requireManaged, requireMaySend } from './manage'
import { REPLAY_DAYS } from './manage-views'
import { readRegistrationFields } from './register'
import { pathOf, showDelivery, showEndpoint } from './show-managed'

/**
 * `/webhooks/manage/{token}`: an integrator's own endpoint. Anyone with the link can manage the endpoint, so the pages
 * are not cached, and the link is not sent to other sites as a referrer (see kit/http/security-headers.ts). The link works
 * even if registration is off.
 */
export const managePages = new Hono<HonoEnv>()

managePages.use('/*', async (c, next) => {
  c.header('Cache-Control', 'no-store')
  c.header('X-Robots-Tag', 'noindex')
  return next()
})

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

managePages.get('/:token', async (c) => showEndpoint(c, await requireManaged(c.env, c.req.param('token'))))

managePages.get('/:token/messages/:id', (c) => showDelivery(c))

managePages.post('/:token/messages/:id/retry', async (c) => {
  const { token, id: message_id } = c.req.param()
  const endpoint = await requireManaged(c.env, token)
  try {
    requireMaySend(endpoint)
    await requireRoomToAct(c, endpoint)
    const { reopened } = await retryDelivery(c.env, { endpoint_id: endpoint.id, message_id }, c.get('now'), true)
    return c.redirect(`${pathOf(c)}/messages/${message_id}?done=${reopened ? 'retry' : 'pending'}`, 303)
  } catch (cause) {
    return showDelivery(c, expectRefusal(cause))
  }
})

/** Each of these calls the receiver, or makes the guestbook work. @throws Refusal 429 */
async function requireRoomToAct(c: Context<HonoEnv>, endpoint: EndpointRow): Promise<void> {
  if (await withinLimit(c.env.REGISTER_LIMIT, endpoint.id)) return
  throw tooMany(`Too many requests. ${WAIT}, then try again.`)
}

/** Sends again what failed or was missed in the last days. */
managePages.post('/:token/replay', async (c) => {
  const now = c.get('now')
  const endpoint = await requireManaged(c.env, c.req.param('token'))
  try {
    requireEnabled(endpoint)
    await requireRoomToAct(c, endpoint)
    const only = (await readForm(c)).get('only') === 'missing' ? 'missing' : 'failed'
    const since = Math.max(now - REPLAY_DAYS * DAY_MS, endpoint.created_at)
    const scope = { endpoint_id: endpoint.id, only, since, until: now, event_types: null } as const
    // Integrators share the places for replays with the owner, so each may have one.
    const { statement } = await planReplay(c.env, scope, now, true)
    await refuseIfFull(() => run(statement))
    c.executionCtx.waitUntil(startReplay(c.env, endpoint.id, now))
    return c.redirect(`${pathOf(c)}?done=replaying#replay`, 303)
  } catch (cause) {
    return showEndpoint(c, endpoint, expectRefusal(cause))
  }
})

managePages.post('/:token/jobs/:job/cancel', async (c) => {
  const { id } = await requireManaged(c.env, c.req.param('token'))
  const job = await findJob(c.env, c.req.param('job'))
  if (job?.endpoint_id !== id) throw notFound('job')
  await stopReplay(c.env, job.id, c.get('now'))
  return c.redirect(`${pathOf(c)}?done=canceled#replay`, 303)
})

managePages.get('/:token/edit', async (c) => {
  const endpoint = await requireManaged(c.env, c.req.param('token'))
  return renderPage(c, <EditManagedPage path={pathOf(c)} fields={fieldsOf(endpoint)} given={givenTypes(endpoint)} />)
})

managePages.post('/:token/edit', async (c) => {
  const endpoint = await requireManaged(c.env, c.req.param('token'))
  const fields = readRegistrationFields(await readForm(c))
  try {
    await editRegistration(c, endpoint, fields, c.get('now'))
    return c.redirect(`${pathOf(c)}?done=saved`, 303)
  } catch (cause) {
    const refusal = expectRefusal(cause)
    const given = givenTypes(endpoint)
    const view = <EditManagedPage path={pathOf(c)} fields={fields} given={given} error={explain(refusal)} />
    return renderForm(c, view, refusal)
  }
})

managePages.post('/:token/test', async (c) => {
  const endpoint = await requireManaged(c.env, c.req.param('token'))
  try {
    requireMaySend(endpoint)
    const limit = { binding: c.env.REGISTER_LIMIT, key: endpoint.id }
    const { message_id } = await sendTest(contextOf(c), endpoint, 'ping', limit)
    return c.redirect(`${pathOf(c)}?tested=${message_id}`, 303)
  } catch (cause) {
    return showEndpoint(c, endpoint, expectRefusal(cause))
  }
})

managePages.post('/:token/rotate', async (c) => {
  const endpoint = await requireManaged(c.env, c.req.param('token'))
  const grace_seconds = Number((await readForm(c)).get('grace_seconds') || 'NaN')
  try {
    const request = parseFields(rotation, { grace_seconds })
    const now = c.get('now')
    const { current: secret } = await rotateSecret(c.env, endpoint.id, request, now)
    return c.redirect(await withFlash(c.env, pathOf(c), { secret }, now), 303)
  } catch (cause) {
    return showEndpoint(c, endpoint, expectRefusal(cause))
  }
})

managePages.post('/:token/pause', async (c) => {
  const { id } = await requireManaged(c.env, c.req.param('token'))
  await disableEndpoint(c.env, id, 'paused', c.get('now'))
  return c.redirect(`${pathOf(c)}?done=paused`, 303)
})

managePages.post('/:token/resume', async (c) => {
  const endpoint = await requireManaged(c.env, c.req.param('token'))
  if (!maySend(endpoint)) return showEndpoint(c, endpoint, ownerMustEnable())
  await startEndpoint(contextOf(c), endpoint.id, false, RESUMABLE)
  return c.redirect(`${pathOf(c)}?done=resumed`, 303)
})

managePages.post('/:token/delete', async (c) => {
  const { id } = await requireManaged(c.env, c.req.param('token'))
  await removeEndpoint(c.env, id, c.get('now'))
  return c.redirect('/webhooks/deleted', 303)
})
