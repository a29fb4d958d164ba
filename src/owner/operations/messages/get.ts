import * as z from 'zod'
import { type Sight, sightOf } from '../../../access/rights'
import { jsonText } from '../../../kit/http/openapi'
import { orNotFound } from '../../../kit/http/problem'
import { action, json } from '../../../kit/operation'
import { listMessageDeliveries, readDeliveryCursor } from '../../../webhooks/send/messages/list-deliveries'
import { readMessage } from '../../../webhooks/send/messages/queries'
import { messageDetail, toDelivery, toMessage } from '../../../webhooks/send/messages/schemas'

export const getMessage = action({
  call: 'GET /api/messages/{id}',
  may: 'read',
  summary: 'Get a message with its payload and deliveries',
  refusals: [400],
  noTool: 'covered',
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
