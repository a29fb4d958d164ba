import { sightOf } from '../../../access/rights'
import { action, json } from '../../../kit/operation'
import { explainReason } from '../../../webhooks/send/http/explain-failure'
import { readDelivery } from '../../../webhooks/send/messages/queries'
import { deliveryDetail, toAttempt, toDelivery } from '../../../webhooks/send/messages/schemas'

export const getDelivery = action({
  call: 'GET /api/messages/{id}/deliveries/{endpoint_id}',
  may: 'read',
  summary: 'Get a delivery with its attempts',
  gives: { 200: json(deliveryDetail, 'The delivery.') },
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
