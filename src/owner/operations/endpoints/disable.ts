import { sightOf } from '../../../access/rights'
import { action, doc, json } from '../../../kit/operation'
import { stopEndpoint } from '../../../webhooks/endpoints/page/lifecycle'
import { noFields } from '../../../webhooks/endpoints/schemas'
import { endpointOut, toEndpoint } from '../../../webhooks/endpoints/shown'

export const disableEndpoint = action({
  call: 'POST /api/endpoints/{id}/disable',
  act: 'endpoint.disabled',
  tag: 'Endpoints',
  summary: doc('Disable an endpoint'),
  takes: noFields,
  isOptional: true,
  gives: { 200: json(endpointOut, doc('The endpoint.')) },
  refusals: [400, 401, 404, 422],
  // An integrator pauses the endpoint, and can resume it.
  run: ({ env, now, params, manages }) => stopEndpoint(env, params.id, manages ? 'paused' : 'manual', now),
  show: (row, asked) => toEndpoint(row, sightOf(asked)),
  form: {
    at: '/endpoints/:id/disable',
    next: ({ id }) => `/admin/endpoints/${id}?done=disabled`,
  },
  managed: { at: '/pause', next: (_, { base }) => `${base}?done=paused` },
  noTool: 'setup',
})
