import * as z from 'zod'
import { sightOf } from '../../../access/rights'
import { action, json } from '../../../kit/operation'
import { requireEndpoint } from '../../../webhooks/endpoints/manage'
import { endpointOut, toEndpoint } from '../../../webhooks/endpoints/shown'
import { countParked } from '../../../webhooks/send/messages/queries'

const watchedEndpoint = endpointOut
  .and(
    z.object({
      parked: z
        .object({
          count: z.int(),
          counted_all: z.boolean().describe('False if there are more than 1,000 waiting deliveries.'),
        })
        .describe('Deliveries that are waiting for the breaker to close or for the endpoint to be enabled.'),
    })
  )
  .meta({ id: 'WatchedEndpoint' })

export const getEndpoint = action({
  call: 'GET /api/endpoints/{id}',
  may: ['read', 'secrets'],
  summary: 'Get an endpoint',
  noTool: 'covered',
  gives: { 200: json(watchedEndpoint, 'The endpoint and its waiting deliveries.') },
  run: async ({ env, params }) => {
    const endpoint = await requireEndpoint(env, params.id)
    return { endpoint, parked: await countParked(env, endpoint.id) }
  },
  show: ({ endpoint, parked }, asked) => ({ ...toEndpoint(endpoint, sightOf(asked)), parked }),
})
