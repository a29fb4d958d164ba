import { revokeOtherSessions } from '../../../access/sessions/store'
import { action, doc } from '../../../kit/operation'

export const revokeAllSessions = action({
  call: 'DELETE /api/sessions',
  act: 'session.all_revoked',
  tag: doc('Access'),
  summary: doc('End all dashboard sessions'),
  gives: { 204: { description: doc('Ended.') } },
  refusals: doc([401]),
  run: ({ env }) => revokeOtherSessions(env, ''),
  noTool: doc('setup'),
  noForm: doc('The dashboard ends all sessions but its own: see access/pages.tsx.'),
})
