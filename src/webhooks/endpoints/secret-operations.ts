import { withFlash } from '../../kit/http/flash'
import { isChanged } from '../../kit/lib/changed'
import { DASHBOARD } from '../../kit/lib/paths'
import { action, json } from '../../kit/operation'
import { showManaged } from '../registration/show-managed'
import { MAX_FORMER } from '../rules/signing/rotation'
import { secretOut, toSecret } from './api-output'
import { revealSecrets, rotateSecret } from './manage'
import { showEndpointAgain } from './page/show-endpoint'
import { rotation } from './schemas'

/* The operations on the signing secret of an endpoint. */

export const getEndpointSecret = action({
  call: 'GET /api/endpoints/{id}/secret',
  may: 'secrets',
  summary: 'Get the signing secret',
  refusals: [503],
  gives: { 200: json(secretOut, 'The current secret.') },
  run: ({ env, params }) => revealSecrets(env, params.id),
  show: (secrets, { now }) => toSecret(secrets, now),
})

export const rotateEndpointSecret = action({
  call: 'POST /api/endpoints/{id}/secret/rotate',
  may: 'write',
  act: 'endpoint.secret_rotated',
  summary: 'Rotate the signing secret',
  description: `Requests are signed with both secrets until the old one expires. At most ${MAX_FORMER} old secrets can be valid at the same time: one more rotation fails with 409, unless \`grace_seconds\` is 0.`,
  refusals: [409, 503],
  takes: rotation,
  isOptional: true,
  gives: { 200: json(secretOut, 'The new secret.') },
  run: ({ env, now, params }, request) => rotateSecret(env, params.id, request, now),
  changes: ({ before, after }) => isChanged({ secrets: before }, { secrets: after }),
  show: ({ after }, { now }) => toSecret(after, now),
  form: {
    at: '/endpoints/:id/secret/rotate',
    read: (form) => {
      const secret = form.get('secret')?.trim()
      return { grace_seconds: Number(form.get('grace_seconds') || 'NaN'), ...(secret && { secret }) }
    },
    next: (_, { asked, body }) => {
      const done = body.grace_seconds === 0 ? 'replaced' : 'rotated'
      return `${DASHBOARD.endpoints}/${asked.params.id}?tab=secret&done=${done}&secret=show`
    },
    refused: showEndpointAgain,
  },
  managed: {
    at: '/rotate',
    read: (form) => ({ grace_seconds: Number(form.get('grace_seconds') || 'NaN') }),
    // 0 replaces the time of an earlier rotation, which the address may still have.
    next: ({ after: { current: secret, previousUntil: old_until = 0 } }, { asked: { env, now }, base }) =>
      withFlash(env, base, { secret, old_until }, now),
    refused: showManaged,
  },
})
