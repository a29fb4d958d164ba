import { type Context, Hono } from 'hono'
import * as z from 'zod'
import { disableEndpoint } from '../endpoints/health'
import { rotateSecret } from '../endpoints/manage'
import { rotation } from '../endpoints/schemas'
import type { EndpointRow } from '../endpoints/store'
import type { HonoEnv } from '../env'
import { readFlash, withFlash } from '../http/flash'
import { expectRefusal, explain, parseFields, readForm } from '../http/form'
import { publicOrigin } from '../http/origin'
import { readCursor } from '../http/pagination'
import { notFound, type Refusal } from '../http/problem'
import { removeEndpoint, startEndpoint } from '../outbound/endpoint/lifecycle'
import { sendTest } from '../outbound/endpoint/send-test'
import { listDeliveries } from '../outbound/messages/list-deliveries'
import { countParked, findDelivery, findMessage, listAttempts } from '../outbound/messages/queries'
import { renderForm, renderPage, renderRows } from '../ui/render'
import { maySend, ownerMustEnable, RESUMABLE, requireManaged } from './manage'
import { LogRows, ManagedDeliveryPage, ManagePage } from './manage-views'

const PAGE_SIZE = 20

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
  paused: 'Paused. Nothing will be sent until you resume the endpoint.',
  resumed: 'Resumed. Pending deliveries are being sent now, oldest first.',
}

/** What is shown once, after a redirect. `is_new_link`: the private link is shown, too. */
const FLASH = z.object({ secret: z.string().optional(), is_new_link: z.boolean().optional() })

async function showEndpoint(c: Context<HonoEnv>, endpoint: EndpointRow, refusal?: Refusal) {
  const now = Date.now()
  const flash = await readFlash(c, FLASH, now)
  const tested = c.req.query('tested')
  const before = readCursor('msg', c.req.query('cursor'))
  const page = { before, status: undefined, limit: PAGE_SIZE }
  const [deliveries, parked, attempts] = await Promise.all([
    listDeliveries(c.env, endpoint.id, page),
    countParked(c.env, endpoint.id),
    tested ? listAttempts(c.env, { endpoint_id: endpoint.id, message_id: tested }) : [],
  ])
  if (c.req.query('part') === 'rows')
    return renderRows(c, <LogRows path={pathOf(c)} deliveries={deliveries.data} now={now} />)
  const view = (
    <ManagePage
      path={pathOf(c)}
      endpoint={endpoint}
      deliveries={deliveries}
      parked={parked}
      test={attempts[0] ?? null}
      secret={flash?.secret ?? null}
      link={flash?.is_new_link ? `${publicOrigin(c)}${pathOf(c)}` : null}
      notice={DONE[c.req.query('done') ?? '']}
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

managePages.get('/:token/messages/:id', async (c) => {
  const endpoint = await requireManaged(c.env, c.req.param('token'))
  const key = { endpoint_id: endpoint.id, message_id: c.req.param('id') }
  const [delivery, attempts, message] = await Promise.all([
    findDelivery(c.env, key),
    listAttempts(c.env, key),
    findMessage(c.env, key.message_id),
  ])
  if (!delivery || !message) throw notFound('delivery')
  const view = (
    <ManagedDeliveryPage path={pathOf(c)} delivery={delivery} attempts={attempts} message={message} now={Date.now()} />
  )
  return renderPage(c, view)
})

managePages.post('/:token/test', async (c) => {
  const endpoint = await requireManaged(c.env, c.req.param('token'))
  try {
    if (!maySend(endpoint)) throw ownerMustEnable()
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
