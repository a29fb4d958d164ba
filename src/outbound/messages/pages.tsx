import { Hono } from 'hono'
import type { HonoEnv } from '../../env'
import { readCursor, toPage } from '../../http/pagination'
import { notFound, Refusal } from '../../http/problem'
import { renderPage } from '../../ui/render'
import { DeliveryPage } from './delivery-views'
import { listMessageDeliveries } from './list-deliveries'
import { findMessage, listMessages, readDelivery } from './queries'
import { retryDelivery } from './retry'
import { MessagePage, MessagesPage } from './views'

const PAGE_SIZE = 20

/** `/admin/messages`: messages, their deliveries, and why a delivery failed. */
export const messagePages = new Hono<HonoEnv>()

messagePages.get('/', async (c) => {
  const before = readCursor('msg', c.req.query('cursor'))
  const rows = await listMessages(c.env, before, PAGE_SIZE + 1)
  const { data, next } = toPage(rows, PAGE_SIZE)
  return renderPage(c, <MessagesPage messages={data} next={next} now={Date.now()} />)
})

messagePages.get('/:id', async (c) => {
  const message = await findMessage(c.env, c.req.param('id'))
  if (!message) throw notFound('message')
  const after = readCursor('ep', c.req.query('after'))
  const { data, next } = await listMessageDeliveries(c.env, message.id, after)
  const view = <MessagePage message={message} deliveries={data} next={next} now={Date.now()} />
  return renderPage(c, view)
})

const DONE: Record<string, string> = {
  retry: 'The message is being sent again, with the same id.',
  pending: 'This delivery is already being sent.',
}

const PATH = '/:message_id/deliveries/:endpoint_id'

messagePages.get(PATH, async (c) => {
  const now = Date.now()
  const key = c.req.param()
  const detail = await readDelivery(c.env, key, now)
  const notice = DONE[c.req.query('done') ?? '']
  return renderPage(c, <DeliveryPage {...detail} notice={notice} now={now} />)
})

messagePages.post(`${PATH}/retry`, async (c) => {
  const now = Date.now()
  const key = c.req.param()
  const path = `/admin/messages/${key.message_id}/deliveries/${key.endpoint_id}`
  try {
    const { reopened } = await retryDelivery(c.env, key, now, true)
    return c.redirect(`${path}?done=${reopened ? 'retry' : 'pending'}`, 303)
  } catch (cause) {
    if (!(cause instanceof Refusal) || cause.status !== 409) throw cause
    const detail = await readDelivery(c.env, key, now)
    return renderPage(c, <DeliveryPage {...detail} error={cause.detail} now={now} />, 409)
  }
})
