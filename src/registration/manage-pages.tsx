import { type Context, Hono } from 'hono'
import * as z from 'zod'
import { DAY_MS } from '../core/lib/time'
import { run } from '../db/statements'
import { disableEndpoint } from '../endpoints/health'
import { rotateSecret } from '../endpoints/manage'
import { rotation } from '../endpoints/schemas'
import type { EndpointRow } from '../endpoints/store'
import type { HonoEnv } from '../env'
import { readFlash, withFlash } from '../http/flash'
import { expectRefusal, explain, parseFields, readForm } from '../http/form'
import { publicOrigin } from '../http/origin'
import { readCursor } from '../http/pagination'
import { Refusal, tooMany } from '../http/problem'
import { withinLimit } from '../http/rate-limit'
import { removeEndpoint, startEndpoint } from '../outbound/endpoint/lifecycle'
import { sendTest } from '../outbound/endpoint/send-test'
import { listDeliveries } from '../outbound/messages/list-deliveries'
import { countParked, listAttempts, readDelivery } from '../outbound/messages/queries'
import { retryDelivery } from '../outbound/messages/retry'
import { retryNotice } from '../outbound/messages/retry-notice'
import { planReplay, refuseIfFull, requireEnabled, startReplay } from '../outbound/replay/replay'
import { listRunning, MAX_RUNNING } from '../outbound/replay/store'
import { renderForm, renderPage, renderRows } from '../ui/render'
import { editRegistration, fieldsOf } from './edit'
import { EditManagedPage } from './edit-views'
import { maySend, ownerMustEnable, RESUMABLE, requireManaged, requireMaySend } from './manage'
import { LogRows, ManagePage } from './manage-views'
import { ManagedDeliveryPage } from './managed-delivery-views'
import { readRegistrationFields } from './register'

const PAGE_SIZE = 20
/** How far back an integrator's replay goes. */
const REPLAY_DAYS = 7

/**
 * `/webhooks/manage/{token}`: an integrator's own endpoint. Anyone with the link can manage the endpoint, so the pages
 * are not cached, and the link is not sent to other sites as a referrer (see http/security-headers.ts). The link works
 * even if registration is off.
 */
export const managePages = new Hono<HonoEnv>()

managePages.use('/*', async (c, next) => {
  c.header('Cache-Control', 'no-store')
  c.header('X-Robots-Tag', 'noindex')
  return next()
})

const DONE: Record<string, string> = {
  saved: 'Saved.',
  replaying: 'Replay started. It sends messages oldest first.',
}

/** A notice about pausing is shown only while it is true, because the page can be reloaded later. */
function noticeFor(done: string | undefined, { status }: EndpointRow): string | undefined {
  if (done === 'paused')
    return status === 'enabled' ? undefined : 'Paused. Nothing will be sent until you resume the endpoint.'
  if (done === 'resumed') return status === 'enabled' ? 'Resumed. Parked deliveries are sent oldest first.' : undefined
  return DONE[done ?? '']
}

/** What is shown once, after a redirect. `is_new_link`: the private link is shown, too. */
const FLASH = z.object({ secret: z.string().optional(), is_new_link: z.boolean().optional() })

async function showEndpoint(c: Context<HonoEnv>, endpoint: EndpointRow, refusal?: Refusal) {
  const now = Date.now()
  const before = readCursor('msg', c.req.query('cursor'))
  const deliveries = await listDeliveries(c.env, endpoint.id, { before, status: undefined, limit: PAGE_SIZE })
  if (c.req.query('part') === 'rows')
    return renderRows(c, <LogRows path={pathOf(c)} deliveries={deliveries.data} now={now} />)
  const flash = await readFlash(c, FLASH, now)
  const tested = c.req.query('tested')
  const [parked, attempts] = await Promise.all([
    countParked(c.env, endpoint.id),
    tested ? listAttempts(c.env, { endpoint_id: endpoint.id, message_id: tested }) : [],
  ])
  const view = (
    <ManagePage
      path={pathOf(c)}
      endpoint={endpoint}
      deliveries={deliveries}
      parked={parked}
      test={attempts[0] ?? null}
      secret={flash?.secret ?? null}
      link={flash?.is_new_link ? `${publicOrigin(c)}${pathOf(c)}` : null}
      notice={noticeFor(c.req.query('done'), endpoint)}
      error={refusal && explain(refusal)}
      now={now}
    />
  )
  return renderForm(c, view, refusal)
}

function pathOf(c: Context<HonoEnv>): string {
  return `/webhooks/manage/${c.req.param('token')}`
}

managePages.get('/:token', async (c) => showEndpoint(c, await requireManaged(c.env, c.req.param('token'))))

managePages.get('/:token/messages/:id', (c) => showDelivery(c))

async function showDelivery(c: Context<HonoEnv>, refusal?: Refusal) {
  const now = Date.now()
  const endpoint = await requireManaged(c.env, c.req.param('token') ?? '')
  const key = { endpoint_id: endpoint.id, message_id: c.req.param('id') ?? '' }
  const detail = await readDelivery(c.env, key, now)
  const notice = retryNotice(c.req.query('done'), detail.delivery, now)
  const mayRetry = endpoint.status === 'enabled'
  const view = (
    <ManagedDeliveryPage
      path={pathOf(c)}
      {...detail}
      {...{ mayRetry, notice, now }}
      error={refusal && explain(refusal)}
    />
  )
  return renderForm(c, view, refusal)
}

managePages.post('/:token/messages/:id/retry', async (c) => {
  const { token, id: message_id } = c.req.param()
  const endpoint = await requireManaged(c.env, token)
  try {
    requireMaySend(endpoint)
    await requireRoomToAct(c, endpoint)
    const { reopened } = await retryDelivery(c.env, { endpoint_id: endpoint.id, message_id }, Date.now(), true)
    return c.redirect(`${pathOf(c)}/messages/${message_id}?done=${reopened ? 'retry' : 'pending'}`, 303)
  } catch (cause) {
    return showDelivery(c, expectRefusal(cause))
  }
})

/** Each of these calls the receiver, or makes the guestbook work. @throws Refusal 429 */
async function requireRoomToAct(c: Context<HonoEnv>, endpoint: EndpointRow): Promise<void> {
  if (await withinLimit(c.env.REGISTER_LIMIT, endpoint.id)) return
  throw tooMany('Too many requests. Wait a minute, then try again.')
}

/** Integrators share the places for replays with the owner, so each may have one. @throws Refusal 409 */
async function requireNoReplay(env: Env, endpoint_id: string): Promise<void> {
  const running = await listRunning(env, MAX_RUNNING)
  if (!running.some((job) => job.endpoint_id === endpoint_id)) return
  throw new Refusal(409, 'replay_running', 'A replay is running already. Wait until it is done.')
}

/** Sends again what failed or was missed in the last days. */
managePages.post('/:token/replay', async (c) => {
  const now = Date.now()
  const endpoint = await requireManaged(c.env, c.req.param('token'))
  try {
    requireEnabled(endpoint)
    await requireNoReplay(c.env, endpoint.id)
    await requireRoomToAct(c, endpoint)
    const only = (await readForm(c)).get('only') === 'missing' ? 'missing' : 'failed'
    const since = Math.max(now - REPLAY_DAYS * DAY_MS, endpoint.created_at)
    const scope = { endpoint_id: endpoint.id, only, since, until: now, event_types: null } as const
    const { statement } = await planReplay(c.env, scope, now)
    await refuseIfFull(() => run(statement))
    c.executionCtx.waitUntil(startReplay(c.env, endpoint.id, now))
    return c.redirect(`${pathOf(c)}?done=replaying#log`, 303)
  } catch (cause) {
    return showEndpoint(c, endpoint, expectRefusal(cause))
  }
})

managePages.get('/:token/edit', async (c) => {
  const endpoint = await requireManaged(c.env, c.req.param('token'))
  return renderPage(c, <EditManagedPage path={pathOf(c)} fields={fieldsOf(endpoint)} />)
})

managePages.post('/:token/edit', async (c) => {
  const endpoint = await requireManaged(c.env, c.req.param('token'))
  const fields = readRegistrationFields(await readForm(c))
  try {
    await editRegistration(c, endpoint, fields, Date.now())
    return c.redirect(`${pathOf(c)}?done=saved`, 303)
  } catch (cause) {
    const refusal = expectRefusal(cause)
    return renderForm(c, <EditManagedPage path={pathOf(c)} fields={fields} error={explain(refusal)} />, refusal)
  }
})

managePages.post('/:token/test', async (c) => {
  const endpoint = await requireManaged(c.env, c.req.param('token'))
  try {
    requireMaySend(endpoint)
    const limit = { binding: c.env.REGISTER_LIMIT, key: endpoint.id }
    const { message_id } = await sendTest(c.env, endpoint, 'ping', limit)
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
    const now = Date.now()
    const { current: secret } = await rotateSecret(c.env, endpoint.id, request, now)
    return c.redirect(await withFlash(c.env, pathOf(c), { secret }, now), 303)
  } catch (cause) {
    return showEndpoint(c, endpoint, expectRefusal(cause))
  }
})

managePages.post('/:token/pause', async (c) => {
  const { id } = await requireManaged(c.env, c.req.param('token'))
  await disableEndpoint(c.env, id, 'paused', Date.now())
  return c.redirect(`${pathOf(c)}?done=paused`, 303)
})

managePages.post('/:token/resume', async (c) => {
  const endpoint = await requireManaged(c.env, c.req.param('token'))
  if (!maySend(endpoint)) return showEndpoint(c, endpoint, ownerMustEnable())
  await startEndpoint(c, endpoint.id, false, Date.now(), RESUMABLE)
  return c.redirect(`${pathOf(c)}?done=resumed`, 303)
})

managePages.post('/:token/delete', async (c) => {
  const { id } = await requireManaged(c.env, c.req.param('token'))
  await removeEndpoint(c.env, id, Date.now())
  return c.redirect('/webhooks/deleted', 303)
})
