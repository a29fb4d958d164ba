import * as z from 'zod'
import { hasScope, requireAlso, type Sight, sightOf } from '../../../access/rights'
import type { Context } from '../../../kit/context'
import { SCANNED } from '../../../kit/db/scanned'
import { jsonText } from '../../../kit/http/openapi'
import { orNotFound, Refusal } from '../../../kit/http/problem'
import { DASHBOARD } from '../../../kit/lib/paths'
import { action, json, type PathParams, pageOf, readCursor } from '../../../kit/operation'
import { requireMaySend, requireRoomToAct } from '../../registration/manage'
import { showManagedDelivery } from '../../registration/show-managed'
import { explainDeliveryReason } from '../http/explain-failure'
import { listMessageDeliveries, readDeliveryCursor } from './list-deliveries'
import { countStatuses, findMessages, outcomesOf } from './list-messages'
import { showDelivery } from './pages'
import { findDelivery, readDelivery, readMessage } from './queries'
import { retryDelivery as retry } from './retry'
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
} from './schemas'

/* The operations on messages and deliveries. */

export const listMessages = action({
  call: 'GET /api/messages',
  may: 'read',
  summary: 'List messages, newest first',
  description: `A request with a filter searches at most ${SCANNED} messages, so a page may be empty and still have a \`next\` cursor.`,
  refusals: [400, 422],
  query: messageQuery,
  gives: { 200: json(pageOf(listedMessage, 'MessagePage'), 'A page of messages.') },
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
    title: 'List messages',
    description: 'Lists outgoing messages, newest first, with how many deliveries of each one succeeded or failed.',
    takes: ['state', 'type', 'q', 'since', 'until', 'limit', 'cursor'],
    fromStrangers: false,
  },
})

export const getMessage = action({
  call: 'GET /api/messages/{id}',
  may: 'read',
  summary: 'Get a message with its payload and deliveries',
  refusals: [400],
  query: z.object({ deliveries_after: z.string().max(100).optional() }),
  gives: { 200: json(messageDetail, 'The message.') },
  run: async ({ env, params, query, ...caller }) => {
    const after = readDeliveryCursor(query.deliveries_after)
    const sight: Sight = sightOf(caller)
    const message = orNotFound(await readMessage(env, params.id, sight), 'message')
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
  may: 'read',
  summary: 'Get a delivery with its attempts',
  gives: { 200: json(deliveryDetail, 'The delivery.') },
  run: ({ env, now, params: { id: message_id, endpoint_id }, ...caller }) =>
    readDelivery(env, { message_id, endpoint_id }, sightOf(caller), now),
  show: ({ delivery, attempts, curl, request, explanations }, asked) => ({
    ...toDelivery(delivery, sightOf(asked)),
    explanation: explainDeliveryReason(explanations, delivery.reason),
    attempts: attempts.map((attempt) => toAttempt(attempt, explanations, delivery.endpoint_format)),
    curl,
    request,
  }),
  tool: {
    name: 'explain_failure',
    title: 'Explain why a delivery failed',
    description:
      'Gets one delivery with every attempt: what the receiver responded, what that means and what to do next. See `explanation`.',
    takes: ['id', 'endpoint_id'],
    explains: {
      id: 'The ID of the message, such as `msg_...`.',
      endpoint_id: 'The ID of the endpoint, such as `ep_...`.',
    },
    fromStrangers: true,
    omits: ['curl', 'request'],
  },
})

const toParams = ({ message_id = '', endpoint_id = '' }: Record<string, string>) => ({ id: message_id, endpoint_id })

type Retry = Context & { params: PathParams<'/{id}/{endpoint_id}'> }

/** A retry has succeeded since the page was shown, so a second request would be a duplicate. @throws Refusal 409 */
async function refuseDelivered({ env, params }: Retry, form: URLSearchParams): Promise<void> {
  const delivery = await findDelivery(env, { message_id: params.id, endpoint_id: params.endpoint_id })
  if (delivery?.status !== 'delivered' || delivery.attempt_count <= Number(form.get('attempts') ?? Infinity)) return
  throw new Refusal(409, 'delivered_meanwhile', 'It has been delivered meanwhile, so it was not sent again.')
}

export const retryDelivery = action({
  call: 'POST /api/messages/{id}/deliveries/{endpoint_id}/retry',
  may: 'write',
  act: 'delivery.retried',
  summary: 'Retry a delivery',
  description:
    'Sends a finished delivery (delivered or failed) again, with the same message ID. The new request counts as the next attempt. A pending delivery is not changed unless `hasten` is true. A test is not sent again: send another one. To resend a delivery that succeeded, an API key also needs the scope `read`.',
  refusals: [409],
  takes: retryRequest,
  isOptional: true,
  gives: {
    202: json(deliveryOut, 'The delivery will be sent immediately.'),
    200: json(deliveryOut, 'The delivery is pending and was not changed.'),
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
  changes: ({ reopened }) => reopened,
  show: ({ delivery }, asked) => toDelivery(delivery, sightOf(asked)),
  form: {
    at: '/messages/:message_id/deliveries/:endpoint_id/retry',
    params: toParams,
    isOptional: true,
    read: () => ({ hasten: true }),
    check: refuseDelivered,
    next: ({ reopened }, { asked: { params } }) =>
      `${DASHBOARD.messages}/${params.id}/deliveries/${params.endpoint_id}?done=${reopened ? 'retry' : 'pending'}`,
    refused: showDelivery,
  },
  managed: {
    at: '/messages/:message_id/retry',
    limit: 'attempts',
    params: toParams,
    check: async (asked, form) => {
      await requireMaySend(asked)
      await refuseDelivered(asked, form)
      await requireRoomToAct(asked)
    },
    isOptional: true,
    read: () => ({ hasten: true }),
    next: ({ reopened }, { asked: { params }, base }) =>
      `${base}/messages/${params.id}?done=${reopened ? 'retry' : 'pending'}`,
    refused: showManagedDelivery,
  },
  tool: {
    name: 'retry_delivery',
    title: 'Retry a delivery',
    description:
      'Sends one delivered or failed message to one endpoint again, with the same ID. Fix the receiver first: see `explain_failure`.',
    takes: ['id', 'endpoint_id', 'hasten'],
    explains: {
      id: 'The ID of the message, such as `msg_...`.',
      endpoint_id: 'The ID of the endpoint, such as `ep_...`.',
    },
    fromStrangers: false,
  },
})
