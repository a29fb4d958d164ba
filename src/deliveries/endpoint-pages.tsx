import { type Context, Hono } from 'hono'
import { DELIVERY_STATUSES, type DeliveryStatus } from '../core/delivery-state'
import { requireEndpoint, revealSecrets } from '../endpoints/manage'
import type { EndpointRow } from '../endpoints/store'
import type { HonoEnv } from '../env'
import { expectRefusal, explain, readForm } from '../middleware/form'
import { readCursor } from '../middleware/listing'
import type { Refusal } from '../middleware/problem'
import { renderPage } from '../ui/render'
import { EndpointPage } from './endpoint-views'
import { type AttemptRow, listAttempts, listDeliveries } from './history'
import { removeEndpoint, startEndpoint, stopEndpoint } from './switch-endpoint'
import { sendTest } from './test-send'

const PAGE_SIZE = 20

/** `/admin/endpoints/{id}`: what is sent there, and what starts and stops it. */
export const endpointDeliveriesPages = new Hono<HonoEnv>()

const DONE: Record<string, string> = {
  registered: 'Registered. Give the receiver its signing secret, then send a test.',
  saved: 'Saved.',
  rotated:
    'Rotated. Give the receiver the new secret; requests are signed with both for as long as you chose.',
  enabled: 'Enabled. What was parked is on its way; what waits for a retry keeps its time.',
  disabled: 'Disabled.',
}

endpointDeliveriesPages.get('/:id', async (c) => {
  const endpoint = await requireEndpoint(c.env, c.req.param('id'))
  const tested = c.req.query('tested')
  const key = { endpointId: endpoint.id, messageId: tested ?? '' }
  const [test] = tested ? await listAttempts(c.env, key) : []
  return showEndpoint(c, endpoint, test ?? null)
})

async function showEndpoint(
  c: Context<HonoEnv>,
  endpoint: EndpointRow,
  test: AttemptRow | null,
  refusal?: Refusal
) {
  const status = readStatus(c.req.query('status'))
  const before = readCursor('msg', c.req.query('cursor'))
  const deliveries = await listDeliveries(c.env, endpoint.id, { before, status, limit: PAGE_SIZE })
  const show = c.req.query('secret') === 'show'
  const secret = show ? (await revealSecrets(c.env, endpoint.id)).current : null
  const view = (
    <EndpointPage
      endpoint={endpoint}
      secret={secret}
      deliveries={deliveries}
      status={status}
      test={test}
      notice={DONE[c.req.query('done') ?? '']}
      error={refusal && explain(refusal)}
      now={Date.now()}
    />
  )
  return renderPage(c, view, refusal?.status ?? 200)
}

function readStatus(status: string | undefined): DeliveryStatus | undefined {
  return DELIVERY_STATUSES.find((known) => known === status)
}

endpointDeliveriesPages.post('/:id/test', async (c) => {
  const endpoint = await requireEndpoint(c.env, c.req.param('id'))
  const type = (await readForm(c)).get('type') ?? 'ping'
  try {
    const { messageId } = await sendTest(c.env, endpoint, type)
    return c.redirect(`/admin/endpoints/${endpoint.id}?tested=${messageId}`, 303)
  } catch (cause) {
    return showEndpoint(c, endpoint, null, expectRefusal(cause))
  }
})

endpointDeliveriesPages.post('/:id/enable', async (c) => {
  const id = c.req.param('id')
  const replayMissing = (await readForm(c)).get('replay_missing') === 'true'
  await startEndpoint(c, id, replayMissing, Date.now())
  return c.redirect(`/admin/endpoints/${id}?done=enabled`, 303)
})

endpointDeliveriesPages.post('/:id/disable', async (c) => {
  const { id } = await stopEndpoint(c.env, c.req.param('id'), Date.now())
  return c.redirect(`/admin/endpoints/${id}?done=disabled`, 303)
})

endpointDeliveriesPages.post('/:id/delete', async (c) => {
  await removeEndpoint(c.env, c.req.param('id'), Date.now())
  return c.redirect('/admin/endpoints?done=deleted', 303)
})
