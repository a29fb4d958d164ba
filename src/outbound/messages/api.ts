import { createRoute, z } from '@hono/zod-openapi'
import { firstAnswerOr } from '../../http/idempotency'
import {
  apiRouter,
  idempotencyKey,
  json,
  jsonRequest,
  jsonText,
  OWNER,
  problems,
} from '../../http/openapi'
import { listQuery, pageOf, readCursor, toPage } from '../../http/pagination'
import { notFound } from '../../http/problem'
import { readDelivery } from './detail'
import { acceptMessage } from './publish-event'
import { findMessage, listMessageDeliveries, listMessages } from './queries'
import { retryDelivery } from './retry'
import {
  deliveryDetail,
  deliveryOut,
  messageDetail,
  messageIn,
  messageOut,
  retryRequest,
  toAttempt,
  toDelivery,
  toMessage,
} from './schemas'

const params = z.object({ id: z.string().max(100) })
const deliveryParams = params.extend({ endpoint_id: z.string().max(100) })
const base = { tags: ['Messages'], security: OWNER }

/** `/api/messages`: the owner's; see `requireOwner` in app.tsx. */
export const messagesApi = apiRouter()

messagesApi.openapi(
  createRoute({
    ...base,
    method: 'post',
    path: '/',
    summary: 'Publish an event of your own',
    request: { headers: idempotencyKey, body: jsonRequest(messageIn) },
    responses: {
      201: json(messageOut, 'Accepted: it will be delivered.'),
      200: json(messageOut, 'The message with that id was accepted before.'),
      ...problems(400, 401, 409, 422),
    },
  }),
  async (c) => firstAnswerOr(c, 'messages', () => acceptMessage(c, c.req.valid('json'), Date.now()))
)

messagesApi.openapi(
  createRoute({
    ...base,
    method: 'get',
    path: '/',
    summary: 'List messages, newest first',
    request: { query: listQuery },
    responses: {
      200: json(pageOf(messageOut, 'MessagePage'), 'A page.'),
      ...problems(400, 401, 422),
    },
  }),
  async (c) => {
    const { limit, cursor } = c.req.valid('query')
    const rows = await listMessages(c.env, readCursor('msg', cursor), limit + 1)
    const { data, next } = toPage(rows, limit, (row) => row.id)
    return c.json({ data: data.map(toMessage), next }, 200)
  }
)

messagesApi.openapi(
  createRoute({
    ...base,
    method: 'get',
    path: '/{id}',
    summary: 'Get a message, its payload and its deliveries',
    request: { params, query: z.object({ deliveries_after: z.string().max(100).optional() }) },
    responses: { 200: json(messageDetail, 'The message.'), ...problems(400, 401, 404) },
  }),
  async (c) => {
    const { id } = c.req.valid('param')
    const after = readCursor('ep', c.req.valid('query').deliveries_after)
    const message = await findMessage(c.env, id)
    if (!message) throw notFound('message')
    const { data, next } = await listMessageDeliveries(c.env, id, after)
    const shown = { ...toMessage(message), deliveries: data.map(toDelivery), deliveries_next: next }
    // As it is sent, whatever numbers are in it.
    return jsonText(c, `${JSON.stringify(shown).slice(0, -1)},"payload":${message.payload}}`, 200)
  }
)

messagesApi.openapi(
  createRoute({
    ...base,
    method: 'get',
    path: '/{id}/deliveries/{endpoint_id}',
    summary: 'Get a delivery and its attempts',
    request: { params: deliveryParams },
    responses: { 200: json(deliveryDetail, 'The delivery.'), ...problems(401, 404) },
  }),
  async (c) => {
    const { id: messageId, endpoint_id: endpointId } = c.req.valid('param')
    const detail = await readDelivery(
      c.env,
      { message_id: messageId, endpoint_id: endpointId },
      Date.now()
    )
    const attempts = detail.attempts.map(toAttempt)
    return c.json({ ...toDelivery(detail.delivery), attempts, curl: detail.curl }, 200)
  }
)

messagesApi.openapi(
  createRoute({
    ...base,
    method: 'post',
    path: '/{id}/deliveries/{endpoint_id}/retry',
    summary: 'Send a settled delivery again',
    description:
      'The same message with the same id, as the next attempt. One that is pending is left as it is.',
    request: { params: deliveryParams, body: jsonRequest(retryRequest, false) },
    responses: {
      202: json(deliveryOut, 'Re-opened and on its way.'),
      200: json(deliveryOut, 'It was pending: nothing changed.'),
      ...problems(400, 401, 404, 409, 422),
    },
  }),
  async (c) => {
    const { id: messageId, endpoint_id: endpointId } = c.req.valid('param')
    const { hasten } = retryRequest.parse(c.req.valid('json') ?? {})
    const key = { message_id: messageId, endpoint_id: endpointId }
    const { reopened, delivery } = await retryDelivery(c.env, key, Date.now(), hasten)
    return c.json(toDelivery(delivery), reopened ? 202 : 200)
  }
)
