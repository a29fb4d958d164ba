import { revokeKey as revoke } from '../../../access/keys/manage'
import { SECTION } from '../../../access/pages'
import { action, doc } from '../../../kit/operation'

export const revokeKey = action({
  call: 'DELETE /api/keys/{id}',
  act: 'key.revoked',
  tag: doc('Access'),
  summary: doc('Revoke an API key'),
  description: doc('The key stops working at once.'),
  gives: { 204: { description: doc('Revoked.') } },
  refusals: doc([401, 404]),
  run: ({ env, params }) => revoke(env, params.id),
  form: { at: '/access/keys/:id/revoke', next: () => `${SECTION}?done=revoked#keys` },
  noTool: doc('setup'),
})
