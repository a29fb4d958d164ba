import { hasScope, requireAlso, type Sight, sightOf } from '../../../access/rights'
import { SCANNED } from '../../../kit/db/sql/scanned'
import { jsonText } from '../../../kit/http/openapi'
import { notFound } from '../../../kit/http/problem'
import { action, doc, json, pageOf, readCursor } from '../../../kit/operation'
import { requireMaySend, requireRoomToAct } from '../../../webhooks/registration/manage'
import { showManagedDelivery } from '../../../webhooks/registration/show-managed'
import { explainReason } from '../../../webhooks/send/http/explain-failure'
import { listMessageDeliveries } from '../../../webhooks/send/messages/list-deliveries'
import { countStatuses, findMessages, outcomesOf } from '../../../webhooks/send/messages/list-messages'
import { showDelivery } from '../../../webhooks/send/messages/pages'
import { findDelivery, readDelivery, readMessage } from '../../../webhooks/send/messages/queries'
import { retryDelivery as retry } from '../../../webhooks/send/messages/retry'
import {
  deliveryDetail,
  deliveryOut,
  listedMessage,
  messageDetail,
  messageQuery,
  retryRequest,
  timesOf,
  toAttempt,
  toDelivery,
  toMessage,
} from '../../../webhooks/send/messages/schemas'
import * as z from '../../../zod'

export const listMessages = action({
  call: 'GET /api/messages',
  ...doc(() => ({
    summary: 'List messages, newest first',
    description: `A request with a filter searches at most ${SCANNED} messages, so a page may be empty and still have a \`next\` cursor.`,
    refusals: [400, 422],
  })),
  query: messageQuery,
  gives: { 200: json(pageOf(listedMessage, 'MessagePage'), doc('A page of messages.')) },
  run: async ({ env, query: { limit, cursor, since, until, ...filter } }) => {
    const wanted = { ...filter, ...timesOf({ since, until }) }
    const page = await findMessages(env, wanted, readCursor('msg', cursor), limit)
    return { ...page, outcomes: await outcomesOf(env, page.data) }
  },
  show: ({ data, next, outcomes }) => ({
    data: data.map((row) => ({ ...toMessage(row), outcome: outcomes && countStatuses(outcomes.get(row.id) ?? []) })),
    next,
  }),
  tool: {
    name: 'list_messages',
    ...doc({
      title: 'List messages',
      description: 'Lists outgoing messages, newest first, with how many deliveries of each one succeeded or failed.',
    }),
    takes: ['state', 'type', 'q', 'since', 'until', 'limit', 'cursor'],
    fromStrangers: false,
  },
})

export const getMessage = action({
  call: 'GET /api/messages/{id}',
  ...doc({ summary: 'Get a message with its payload and deliveries', refusals: [400], noTool: 'covered' }),
  query: z.object({ deliveries_after: z.string().max(100).optional() }),
  gives: { 200: json(messageDetail, doc('The message.')) },
  run: async ({ env, params, query, ...caller }) => {
    const after = readCursor('ep', query.deliveries_after)
    const sight: Sight = sightOf(caller)
    const message = await readMessage(env, params.id, sight)
    if (!message) throw notFound('message')
    const { data, next } = await listMessageDeliveries(env, params.id, after)
    const deliveries = data.map((row) => toDelivery(row, sight))
    return { shown: { ...toMessage(message), deliveries, deliveries_next: next }, payload: message.payload }
  },
  // The payload is copied as stored text, because parsing it would change large numbers.
  send: (c, { shown, payload }) =>
    jsonText(c, `${JSON.stringify(shown).slice(0, -1)},"payload":${payload || null}}`, 200),
})

export const getDelivery = action({
  call: 'GET /api/messages/{id}/deliveries/{endpoint_id}',
  ...doc({ summary: 'Get a delivery with its attempts' }),
  gives: { 200: json(deliveryDetail, doc('The delivery.')) },
  run: ({ env, now, params: { id: message_id, endpoint_id }, ...caller }) =>
    readDelivery(env, { message_id, endpoint_id }, sightOf(caller), now),
  show: ({ delivery, attempts, curl, request, explanations }, asked) => ({
    ...toDelivery(delivery, sightOf(asked)),
    explanation: explainReason(explanations, delivery.reason),
    attempts: attempts.map((attempt) => toAttempt(attempt, explanations, delivery.endpoint_format)),
    curl,
    request,
  }),
  tool: {
    name: 'explain_failure',
    ...doc({
      title: 'Explain why a delivery failed',
      description:
        'Gets one delivery with every attempt: what the receiver responded, what that means and what to do next. See `explanation`.',
    }),
    takes: ['id', 'endpoint_id'],
    explains: doc({
      id: 'The ID of the message, such as `msg_...`.',
      endpoint_id: 'The ID of the endpoint, such as `ep_...`.',
    }),
    fromStrangers: true,
    omits: ['curl', 'request'],
  },
})

const toParams = ({ message_id = '', endpoint_id = '' }: Record<string, string>) => ({ id: message_id, endpoint_id })

export const retryDelivery = action({
  call: 'POST /api/messages/{id}/deliveries/{endpoint_id}/retry',
  act: 'delivery.retried',
  ...doc({
    summary: 'Retry a delivery',
    description:
      'Sends a finished delivery (delivered or failed) again, with the same message id. This counts as the next attempt. A pending delivery is not changed unless `hasten` is true. To send a delivery again that has succeeded, an API key also needs the scope `read`.',
    refusals: [409],
  }),
  takes: retryRequest,
  isOptional: true,
  gives: {
    202: json(deliveryOut, doc('The delivery will be sent immediately.')),
    200: json(deliveryOut, doc('The delivery is pending and was not changed.')),
  },
  run: async (asked, { hasten }) => {
    const { id: message_id, endpoint_id } = asked.params
    const key = { message_id, endpoint_id }
    // The endpoint may have another URL by now. What has failed was never received.
    if (!hasScope(asked, 'read') && (await findDelivery(asked.env, key))?.status === 'delivered')
      requireAlso(asked, 'read')
    return retry(asked.env, key, asked.now, hasten)
  },
  status: ({ reopened }) => (reopened ? 202 : 200),
  show: ({ delivery }, asked) => toDelivery(delivery, sightOf(asked)),
  form: {
    at: '/messages/:message_id/deliveries/:endpoint_id/retry',
    params: toParams,
    body: { hasten: true },
    next: ({ reopened }, { asked: { params } }) =>
      `/admin/messages/${params.id}/deliveries/${params.endpoint_id}?done=${reopened ? 'retry' : 'pending'}`,
    refused: showDelivery,
  },
  managed: {
    at: '/messages/:message_id/retry',
    params: toParams,
    check: async (asked) => {
      await requireMaySend(asked)
      await requireRoomToAct(asked)
    },
    body: { hasten: true },
    next: ({ reopened }, { asked: { params }, base }) =>
      `${base}/messages/${params.id}?done=${reopened ? 'retry' : 'pending'}`,
    refused: showManagedDelivery,
  },
  tool: {
    name: 'retry_delivery',
    ...doc({
      title: 'Retry a delivery',
      description:
        'Sends one delivered or failed message to one endpoint again, with the same ID. Fix the receiver first: see `explain_failure`.',
    }),
    takes: ['id', 'endpoint_id', 'hasten'],
    explains: doc({
      id: 'The ID of the message, such as `msg_...`.',
      endpoint_id: 'The ID of the endpoint, such as `ep_...`.',
    }),
    fromStrangers: false,
  },
})
