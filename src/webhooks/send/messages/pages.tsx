import { type Context, Hono } from 'hono'
import { FULL_SIGHT } from '../../../access/rights'
import type { HonoEnv } from '../../../env'
import { renderForm, renderPage, renderRows } from '../../../kit/html/render'
import { expectRefusal, parseFields, parseJsonField, readForm } from '../../../kit/http/form'
import { PAGE_SIZE, readCursor } from '../../../kit/http/pagination'
import { orNotFound, type Refusal } from '../../../kit/http/problem'
import { DASHBOARD } from '../../../kit/lib/paths'
import { listOwnTypes } from '../../event-types/store'
import { findSubject } from '../../program'
import { MAX_MESSAGE_BYTES } from './api'
import { DeliveryRows } from './delivery-table'
import { DeliveryPage, isLive } from './delivery-views'
import { titlesOfMessages } from './event-titles'
import { readMessageFilter, toFilter } from './filter'
import { listMessageDeliveries, readDeliveryCursor } from './list-deliveries'
import { findMessages, outcomesOf } from './list-messages'
import { publishEvent } from './publish-event'
import { NO_EVENT, type PublishFields } from './publish-form'
import { findDelivery, findNeighbors, readDelivery, readMessage } from './queries'
import { retryNotice } from './retry-notice'
import { messageIn } from './schemas'
import { MessagePage, MessageRows, MessagesPage } from './views'

/** Percent-encoding can triple the size of the data. */
const MAX_EVENT_FORM_BYTES = 3 * MAX_MESSAGE_BYTES

/** `/admin/messages`: messages, their deliveries, and why a delivery failed. */
export const messagePages = new Hono<HonoEnv>()

messagePages.get('/', (c) => showMessages(c, NO_EVENT))

async function showMessages(c: Context<HonoEnv>, publishing: PublishFields, refusal?: Refusal) {
  const typed = readMessageFilter(new URL(c.req.url).searchParams)
  const before = readCursor('msg', c.req.query('cursor'))
  const now = c.get('now')
  const { data, next } = await findMessages(c.env, toFilter(typed, now), before, PAGE_SIZE)
  const [outcomes, titles] = await Promise.all([outcomesOf(c.env, data), titlesOfMessages(c.env, data)])
  const rows = { messages: data, outcomes, titles, now }
  if (c.req.query('part') === 'rows') return renderRows(c, <MessageRows {...rows} />)
  const more = { next, typed, publishing, ownTypes: await listOwnTypes(c.env) }
  return renderForm(c, <MessagesPage {...rows} {...more} />, refusal)
}

messagePages.post('/', async (c) => {
  const form = await readForm(c, MAX_EVENT_FORM_BYTES)
  const fields = { type: form.get('type')?.trim() ?? '', data: form.get('data') ?? '' }
  try {
    const input = parseFields(messageIn, { type: fields.type, data: parseJsonField('data', fields.data) })
    const { id } = await publishEvent(c, input, fields.data)
    return c.redirect(`${DASHBOARD.messages}/${id}`, 303)
  } catch (cause) {
    return showMessages(c, fields, expectRefusal(cause))
  }
})

messagePages.get('/:id', async (c) => {
  const message = orNotFound(await readMessage(c.env, c.req.param('id'), FULL_SIGHT), 'message')
  const after = readDeliveryCursor(c.req.query('after'))
  const now = c.get('now')
  const deliveries = listMessageDeliveries(c.env, message.id, after)
  if (c.req.query('part') === 'rows') {
    const rows = { deliveries: (await deliveries).data, canRetry: message.erased_at === null, now }
    return renderRows(c, <DeliveryRows {...rows} show="endpoint" />)
  }
  const [{ data, next }, neighbors, subject, titles] = await Promise.all([
    deliveries,
    findNeighbors(c.env, message.id),
    findSubject(c.env, message),
    titlesOfMessages(c.env, [message]),
  ])
  return renderPage(
    c,
    <MessagePage {...{ message, subject, deliveries: data, next, neighbors, now }} title={titles.get(message.id)} />
  )
})

messagePages.get('/:message_id/deliveries/:endpoint_id', (c) => showDelivery(c))

/** @param refusal why the delivery is not sent again */
export async function showDelivery(c: Context<HonoEnv>, refusal?: Refusal): Promise<Response> {
  if (refusal && refusal.status !== 409) throw refusal
  const now = c.get('now')
  const { message_id = '', endpoint_id = '' } = c.req.param()
  if (c.req.query('part') === 'rows') return renderState(c, { message_id, endpoint_id })
  const [detail, titles] = await Promise.all([
    readDelivery(c.env, { message_id, endpoint_id }, FULL_SIGHT, now),
    titlesOfMessages(c.env, [{ id: message_id }]),
  ])
  const notice = retryNotice(c.req.query('done'), detail.delivery, now)
  const view = <DeliveryPage {...{ ...detail, notice, now }} eventTitle={titles.get(message_id)} />
  return renderForm(c, view, refusal, `${DASHBOARD.messages}/${message_id}/deliveries/${endpoint_id}`)
}

/** While a delivery goes on, dashboard.js asks for this alone. If it has changed, it fetches the page. */
export async function renderState(c: Context<HonoEnv>, key: { message_id: string; endpoint_id: string }) {
  const delivery = orNotFound(await findDelivery(c.env, key), 'delivery')
  return renderRows(
    c,
    <p data-live={isLive(delivery, c.get('now'))}>{`${delivery.status} ${delivery.attempt_count}`}</p>
  )
}
