import { action } from '../../../kit/operation'
import { revokePullToken as revoke } from '../../../webhooks/send/pull/token'

export const revokePullToken = action({
  call: 'DELETE /api/endpoints/{id}/pull-token',
  may: 'write',
  act: 'endpoint.pull_token_revoked',
  summary: 'Revoke the pull token',
  noTool: 'setup',
  gives: { 204: { description: 'Revoked.' } },
  run: ({ env, now, params }) => revoke(env, params.id, now),
  changes: (isRevoked) => isRevoked,
  form: {
    at: '/endpoints/:id/pull-token/revoke',
    next: (_, { asked }) => `/admin/endpoints/${asked.params.id}?tab=pull&done=revoked`,
  },
  managed: { at: '/pull-token/revoke', next: (_, { base }) => `${base}?tab=pull&done=revoked` },
})
