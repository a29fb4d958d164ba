import { sightOf } from '../../../access/rights'
import { action, doc, json } from '../../../kit/operation'
import { explainReason } from '../../../outbound/http/explain-failure'
import { readDelivery } from '../../../outbound/messages/queries'
import { deliveryDetail, toAttempt, toDelivery } from '../../../outbound/messages/schemas'

export const getDelivery = action({
  call: 'GET /api/messages/{id}/deliveries/{endpoint_id}',
  tag: 'Messages',
  summary: doc('Get a delivery with its attempts'),
  gives: { 200: json(deliveryDetail, doc('The delivery.')) },
  refusals: [401, 404],
  run: ({ env, now, params: { id: message_id, endpoint_id }, ...caller }) =>
    readDelivery(env, { message_id, endpoint_id }, sightOf(caller), now),
  show: ({ delivery, attempts, curl, request }, asked) => ({
    ...toDelivery(delivery, sightOf(asked)),
    explanation: explainReason(delivery.reason),
    attempts: attempts.map(toAttempt),
    curl,
    request,
  }),
})
