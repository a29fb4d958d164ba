import { sightOf } from '../../../access/rights'
import { action, json } from '../../../kit/operation'
import { disableEndpoint as disable } from '../../../webhooks/endpoints/health'
import { requireEndpoint } from '../../../webhooks/endpoints/manage'
import { noFields } from '../../../webhooks/endpoints/schemas'
import { endpointOut, toEndpoint } from '../../../webhooks/endpoints/shown'

export const disableEndpoint = action({
  call: 'POST /api/endpoints/{id}/disable',
  may: 'write',
  act: 'endpoint.disabled',
  summary: 'Disable an endpoint',
  noTool: 'setup',
  takes: noFields,
  isOptional: true,
  gives: { 200: json(endpointOut, 'The endpoint.') },
  run: async ({ env, now, params: { id }, manages }) => {
    // What an integrator has paused, the integrator can resume.
    const hasChanged = await disable(env, id, manages ? 'paused' : 'manual', now)
    return { row: await requireEndpoint(env, id), hasChanged }
  },
  changes: ({ hasChanged }) => hasChanged,
  show: ({ row }, asked) => toEndpoint(row, sightOf(asked)),
  form: { at: '/endpoints/:id/disable', next: ({ row }) => `/admin/endpoints/${row.id}?done=disabled` },
  managed: { at: '/pause', next: (_, { base }) => `${base}?done=paused` },
})
