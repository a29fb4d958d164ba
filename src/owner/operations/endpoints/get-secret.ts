import { revealSecrets } from '../../../endpoints/manage'
import { secretOut, toSecret } from '../../../endpoints/shown'
import { action, doc, json } from '../../../kit/operation'

export const getEndpointSecret = action({
  call: 'GET /api/endpoints/{id}/secret',
  tag: 'Endpoints',
  summary: doc('Get the signing secret'),
  gives: { 200: json(secretOut, doc('The current secret.')) },
  refusals: [401, 404, 503],
  run: ({ env, params }) => revealSecrets(env, params.id),
  show: (secrets, { now }) => toSecret(secrets, now),
  noTool: 'secret',
})
