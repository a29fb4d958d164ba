import { action } from '../../../kit/operation'
import { removeEndpoint } from '../../../webhooks/endpoints/page/lifecycle'

export const deleteEndpoint = action({
  call: 'DELETE /api/endpoints/{id}',
  may: 'write',
  act: 'endpoint.deleted',
  summary: 'Delete an endpoint',
  noTool: 'setup',
  gives: { 204: { description: 'Deleted. Pending deliveries are canceled.' } },
  run: ({ env, now, params }) => removeEndpoint(env, params.id, now),
  form: { at: '/endpoints/:id/delete', next: () => '/admin/endpoints?done=deleted' },
  managed: { at: '/delete', next: () => '/webhooks/deleted' },
})
