import { revokeOtherSessions } from '../../../access/sessions/store'
import { action } from '../../../kit/operation'

export const revokeAllSessions = action({
  call: 'DELETE /api/sessions',
  may: 'person',
  act: 'session.all_revoked',
  summary: 'End all dashboard sessions',
  noTool: 'setup',
  noForm: 'The dashboard ends all sessions but its own: see access/pages.tsx.',
  gives: { 204: { description: 'Ended.' } },
  run: ({ env }) => revokeOtherSessions(env, ''),
  changes: (ended) => ended > 0,
})
