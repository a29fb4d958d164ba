import { sightOf } from '../../../access/rights'
import { action, json, pageOf, readCursor } from '../../../kit/operation'
import { requireEndpoint } from '../../../webhooks/endpoints/manage'
import { listDeliveries } from '../../../webhooks/send/messages/list-deliveries'
import { deliveryOut, deliveryQuery, timesOf, toDelivery } from '../../../webhooks/send/messages/schemas'

export const listDeliveriesTo = action({
  call: 'GET /api/endpoints/{id}/deliveries',
  may: 'read',
  summary: 'List deliveries, newest first',
  refusals: [400, 422],
  query: deliveryQuery,
  gives: {
    200: json(
      pageOf(deliveryOut, 'DeliveryPage'),
      'A page of deliveries. With a filter, the page may be empty even if there is a next page.'
    ),
  },
  run: async ({ env, params, query: { limit, cursor, since, until, ...filter } }) => {
    const { id } = await requireEndpoint(env, params.id)
    const before = readCursor('msg', cursor)
    return listDeliveries(env, id, { ...filter, ...timesOf({ since, until }) }, { before, limit })
  },
  show: ({ data, next }, asked) => ({ data: data.map((row) => toDelivery(row, sightOf(asked))), next }),
  tool: {
    name: 'list_deliveries',
    title: 'List deliveries to an endpoint',
    description: 'Lists the deliveries to one endpoint, newest first. `status: failed` lists those that need a retry.',
    takes: ['id', 'status', 'limit', 'cursor'],
    explains: { id: 'The ID of the endpoint, such as `ep_...`.', status: 'Only deliveries with this status.' },
    fromStrangers: true,
  },
})
