import * as z from 'zod'
import { action, json } from '../../../kit/operation'
import { requireEndpoint } from '../../../webhooks/endpoints/manage'
import { shakeHands } from '../../../webhooks/endpoints/page/cloudevents-handshake'
import { showEndpointAgain } from '../../../webhooks/endpoints/page/show-endpoint'
import { noFields } from '../../../webhooks/endpoints/schemas'

const handshakeOut = z
  .object({
    allowed: z.boolean(),
    origin: z.string().describe('The host name for which permission was requested.'),
    allowed_rate: z.int().nullable().describe('Requests per minute that the receiver allows; null for no limit.'),
    status_code: z.int().nullable(),
    error_class: z.string().nullable(),
  })
  .meta({ id: 'Handshake' })

export const shakeHandsWithEndpoint = action({
  call: 'POST /api/endpoints/{id}/handshake',
  may: 'write',
  act: 'endpoint.handshake',
  summary: 'Ask the receiver for permission',
  description:
    'Runs the CloudEvents validation handshake: we send an OPTIONS request with `WebHook-Request-Origin`, and a receiver that agrees returns ' +
    '`WebHook-Allowed-Origin`. The handshake runs only when you make this call. If `WebHook-Allowed-Rate` is below the `rate_limit` of the endpoint, the allowed rate becomes the new `rate_limit`. ' +
    'The `rate_limit` applies only to waiting and replayed deliveries. New messages are sent immediately.',
  refusals: [429],
  noTool: 'rare',
  takes: noFields,
  isOptional: true,
  gives: { 200: json(handshakeOut, "The receiver's response.") },
  run: async ({ env, now, params, linkOrigin }) =>
    shakeHands(env, await requireEndpoint(env, params.id), linkOrigin(), now),
  show: (handshake) => handshake,
  form: {
    at: '/endpoints/:id/handshake',
    next: ({ allowed }, { asked }) =>
      `/admin/endpoints/${asked.params.id}?tab=test&done=${allowed ? 'allowed' : 'not_allowed'}`,
    refused: showEndpointAgain,
  },
})
