import { createRoute, z } from '@hono/zod-openapi'
import { doc } from '#doc'
import { callerOf, hasScope, requireAlso, sightOf } from '../../access/rights'
import { firstAnswerOr } from '../../http/idempotency'
import { apiRouter, idempotencyKey, json, jsonRequest, jsonText, OWNER, problems } from '../../http/openapi'
import { pageOf, readCursor } from '../../http/pagination'
import { notFound } from '../../http/problem'
import { explainReason } from '../http/explain-failure'
import { listMessageDeliveries } from './list-deliveries'
import { findMessages, outcomesOf } from './list-messages'
import { acceptMessage } from './publish-event'
import { findDelivery, readDelivery, readMessage } from './queries'
import { retryDelivery } from './retry'
import {
  deliveryDetail,
  deliveryOut,
  listedMessage,
  messageDetail,
  messageIn,
  messageOut,
  messageQuery,
  retryRequest,
  timesOf,
  toAttempt,
  toDelivery,
  toMessage,
} from './schemas'

const params = z.object({ id: z.string().max(100) })
const deliveryParams = params.extend({ endpoint_id: z.string().max(100) })
const base = { tags: ['Messages'], security: OWNER }

/** The largest request body. Standard Webhooks recommends payloads below 20 KB; a D1 row can hold 2 MB. */
export const MAX_MESSAGE_BYTES = 256 * 1_024

/** `/api/messages`, for the owner: see `requireOwner` in app.tsx. */
export const messagesApi = apiRouter()

messagesApi.openapi(
  createRoute({
    ...base,
    method: 'post',
    path: '/',
    summary: doc('Publish an event'),
    request: { headers: idempotencyKey, body: jsonRequest(messageIn) },
    responses: {
      201: json(messageOut, doc('Published. The message will be delivered.')),
      200: json(messageOut, doc('A message with this id was already published.')),
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
    summary: doc('List messages, newest first'),
    description: doc(
      'A request with a filter searches at most 500 messages, so a page may be empty and still have a `next` cursor.'
    ),
    request: { query: messageQuery },
    responses: {
      200: json(pageOf(listedMessage, 'MessagePage'), doc('A page of messages.')),
      ...problems(400, 401, 422),
    },
  }),
  async (c) => {
    const { limit, cursor, since, until, ...filter } = c.req.valid('query')
    const wanted = { ...filter, ...timesOf({ since, until }) }
    const page = await findMessages(c.env, wanted, readCursor('msg', cursor), limit)
    const outcomes = await outcomesOf(c.env, page.data)
    const data = page.data.map((row) => ({ ...toMessage(row), outcome: outcomes?.get(row.id) ?? null }))
    return c.json({ data, next: page.next }, 200)
  }
)

messagesApi.openapi(
  createRoute({
    ...base,
    method: 'get',
    path: '/{id}',
    summary: doc('Get a message with its payload and deliveries'),
    request: { params, query: z.object({ deliveries_after: z.string().max(100).optional() }) },
    responses: { 200: json(messageDetail, doc('The message.')), ...problems(400, 401, 404) },
  }),
  async (c) => {
    const { id } = c.req.valid('param')
    const after = readCursor('ep', c.req.valid('query').deliveries_after)
    const sight = sightOf(callerOf(c))
    const message = await readMessage(c.env, id, sight)
    if (!message) throw notFound('message')
    const { data, next } = await listMessageDeliveries(c.env, id, after)
    const shown = {
      ...toMessage(message),
      deliveries: data.map((row) => toDelivery(row, sight)),
      deliveries_next: next,
    }
    // The payload is copied as stored text, because parsing it would change large numbers.
    return jsonText(c, `${JSON.stringify(shown).slice(0, -1)},"payload":${message.payload || null}}`, 200)
  }
)

messagesApi.openapi(
  createRoute({
    ...base,
    method: 'get',
    path: '/{id}/deliveries/{endpoint_id}',
    summary: doc('Get a delivery with its attempts'),
    request: { params: deliveryParams },
    responses: { 200: json(deliveryDetail, doc('The delivery.')), ...problems(401, 404) },
  }),
  async (c) => {
    const { id: message_id, endpoint_id } = c.req.valid('param')
    const sight = sightOf(callerOf(c))
    const detail = await readDelivery(c.env, { message_id, endpoint_id }, sight, Date.now())
    const attempts = detail.attempts.map(toAttempt)
    const { curl, request } = detail
    const explanation = explainReason(detail.delivery.reason)
    return c.json({ ...toDelivery(detail.delivery, sight), explanation, attempts, curl, request }, 200)
  }
)

messagesApi.openapi(
  createRoute({
    ...base,
    method: 'post',
    path: '/{id}/deliveries/{endpoint_id}/retry',
    summary: doc('Retry a delivery'),
    description: doc(
      'Sends a finished delivery (delivered or failed) again, with the same message id. This counts as the next attempt. A pending delivery is not changed unless `hasten` is true. An API key needs the scope `read`, too, for a delivery that was delivered.'
    ),
    request: { params: deliveryParams, body: jsonRequest(retryRequest, false) },
    responses: {
      202: json(deliveryOut, doc('The delivery will be sent immediately.')),
      200: json(deliveryOut, doc('The delivery is pending and was not changed.')),
      ...problems(400, 401, 404, 409, 422),
    },
  }),
  async (c) => {
    const { id: message_id, endpoint_id } = c.req.valid('param')
    const { hasten } = retryRequest.parse(c.req.valid('json') ?? {})
    const key = { message_id, endpoint_id }
    // The endpoint may have another URL by now. What has failed was never received.
    if (!hasScope(callerOf(c), 'read') && (await findDelivery(c.env, key))?.status === 'delivered')
      requireAlso(callerOf(c), 'read')
    const { reopened, delivery } = await retryDelivery(c.env, key, Date.now(), hasten)
    return c.json(toDelivery(delivery, sightOf(callerOf(c))), reopened ? 202 : 200)
  }
)
