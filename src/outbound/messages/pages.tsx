import { Hono } from 'hono'
import type { HonoEnv } from '../../env'
import { readCursor } from '../../http/pagination'
import { notFound, Refusal } from '../../http/problem'
import { renderPage, renderRows } from '../../ui/render'
import { DeliveryPage } from './delivery-views'
import { readMessageFilter, toFilter } from './filter'
import { listMessageDeliveries } from './list-deliveries'
import { findMessages, outcomesOf } from './list-messages'
import { findMessage, findNeighbors, readDelivery } from './queries'
import { retryDelivery } from './retry'
import { DeliveryRows, MessagePage, MessageRows, MessagesPage } from './views'

const PAGE_SIZE = 20

/** `/admin/messages`: messages, their deliveries, and why a delivery failed. */
export const messagePages = new Hono<HonoEnv>()

messagePages.get('/', async (c) => {
  const typed = readMessageFilter(new URL(c.req.url).searchParams)
  const before = readCursor('msg', c.req.query('cursor'))
  const { data, next } = await findMessages(c.env, toFilter(typed), before, PAGE_SIZE)
  const rows = { messages: data, outcomes: await outcomesOf(c.env, data), now: Date.now() }
  if (c.req.query('part') === 'rows') return renderRows(c, <MessageRows {...rows} />)
  return renderPage(c, <MessagesPage {...rows} next={next} typed={typed} />)
})

messagePages.get('/:id', async (c) => {
  const message = await findMessage(c.env, c.req.param('id'))
  if (!message) throw notFound('message')
  const after = readCursor('ep', c.req.query('after'))
  const [{ data, next }, neighbors] = await Promise.all([
    listMessageDeliveries(c.env, message.id, after),
    findNeighbors(c.env, message.id),
  ])
  const now = Date.now()
  if (c.req.query('part') === 'rows') return renderRows(c, <DeliveryRows deliveries={data} now={now} show="endpoint" />)
  return renderPage(c, <MessagePage {...{ message, deliveries: data, next, neighbors, now }} />)
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
