import { sightOf } from '../../../access/rights'
import { action, described, doc, documented, json } from '../../../kit/operation'
import { requireEndpoint } from '../../../webhooks/endpoints/manage'
import { endpointOut, toEndpoint } from '../../../webhooks/endpoints/shown'
import { countParked } from '../../../webhooks/send/messages/queries'
import * as z from '../../../zod'

const watchedEndpoint = documented('WatchedEndpoint', () =>
  endpointOut.extend({
    parked: z
      .object({
        count: z.int(),
        counted_all: z.boolean().openapi(described('False if there are more than 1,000 waiting deliveries.')),
      })
      .openapi(described('Deliveries that are waiting for the breaker to close or for the endpoint to be enabled.')),
  })
)

export const getEndpoint = action({
  call: 'GET /api/endpoints/{id}',
  ...doc({ summary: 'Get an endpoint', noTool: 'covered' }),
  gives: { 200: json(watchedEndpoint, doc('The endpoint and its waiting deliveries.')) },
  run: async ({ env, params }) => {
    const endpoint = await requireEndpoint(env, params.id)
    return { endpoint, parked: await countParked(env, endpoint.id) }
  },
  show: ({ endpoint, parked }, asked) => ({ ...toEndpoint(endpoint, sightOf(asked)), parked }),
})
