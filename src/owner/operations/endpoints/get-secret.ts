import { action, json } from '../../../kit/operation'
import { revealSecrets } from '../../../webhooks/endpoints/manage'
import { secretOut, toSecret } from '../../../webhooks/endpoints/shown'

export const getEndpointSecret = action({
  call: 'GET /api/endpoints/{id}/secret',
  may: 'secrets',
  summary: 'Get the signing secret',
  refusals: [503],
  noTool: 'secret',
  gives: { 200: json(secretOut, 'The current secret.') },
  run: ({ env, params }) => revealSecrets(env, params.id),
  show: (secrets, { now }) => toSecret(secrets, now),
})
