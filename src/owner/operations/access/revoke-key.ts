import { revokeKey as revoke } from '../../../access/keys/manage'
import { SECTION } from '../../../access/pages'
import { action } from '../../../kit/operation'

export const revokeKey = action({
  call: 'DELETE /api/keys/{id}',
  may: 'person',
  act: 'key.revoked',
  summary: 'Revoke an API key',
  description: 'The key stops working at once.',
  noTool: 'setup',
  gives: { 204: { description: 'Revoked.' } },
  run: ({ env, params }) => revoke(env, params.id),
  form: { at: '/access/keys/:id/revoke', next: () => `${SECTION}?done=revoked#keys` },
})
