import { SECTION } from '../../../access/pages'
import { revokeSession as revoke } from '../../../access/sessions/store'
import { notFound } from '../../../kit/http/problem'
import { action } from '../../../kit/operation'

export const revokeSession = action({
  call: 'DELETE /api/sessions/{id}',
  may: 'person',
  act: 'session.revoked',
  summary: 'End a dashboard session',
  noTool: 'setup',
  gives: { 204: { description: 'Ended.' } },
  run: async ({ env, params }) => {
    if (!(await revoke(env, params.id))) throw notFound('session')
  },
  form: { at: '/access/sessions/:id/revoke', next: () => `${SECTION}?done=ended#sessions` },
})
