import { action, doc, json } from '../../../kit/operation'
import { revealSecrets } from '../../../webhooks/endpoints/manage'
import { secretOut, toSecret } from '../../../webhooks/endpoints/shown'

export const getEndpointSecret = action({
  call: 'GET /api/endpoints/{id}/secret',
  tag: doc('Endpoints'),
  summary: doc('Get the signing secret'),
  gives: { 200: json(secretOut, doc('The current secret.')) },
  refusals: doc([401, 404, 503]),
  run: ({ env, params }) => revealSecrets(env, params.id),
  show: (secrets, { now }) => toSecret(secrets, now),
  noTool: doc('secret'),
})
