import { grantOf, requireAlso } from '../../../access/rights'
import { withFlash } from '../../../kit/http/flash'
import { action, creation, doc, documented, json } from '../../../kit/operation'
import { revealSecrets, rotateSecret } from '../../../webhooks/endpoints/manage'
import { showEndpointAgain } from '../../../webhooks/endpoints/page/show-endpoint'
import { rotation } from '../../../webhooks/endpoints/schemas'
import { secretOut, toSecret } from '../../../webhooks/endpoints/shown'
import { showManaged } from '../../../webhooks/registration/show-managed'
import { MAX_FORMER } from '../../../webhooks/rules/signing/rotation'
import { planPullToken, revokePullToken as revoke } from '../../../webhooks/send/pull/token'
import * as z from '../../../zod'

export const getEndpointSecret = action({
  call: 'GET /api/endpoints/{id}/secret',
  ...doc({ summary: 'Get the signing secret', refusals: [503], noTool: 'secret' }),
  gives: { 200: json(secretOut, doc('The current secret.')) },
  run: ({ env, params }) => revealSecrets(env, params.id),
  show: (secrets, { now }) => toSecret(secrets, now),
})

export const rotateEndpointSecret = action({
  call: 'POST /api/endpoints/{id}/secret/rotate',
  act: 'endpoint.secret_rotated',
  ...doc(() => ({
    summary: 'Rotate the signing secret',
    description: `Requests are signed with both secrets until the old one expires. At most ${MAX_FORMER} old secrets can be valid. Beyond that, a rotation fails with 409, unless \`grace_seconds\` is 0.`,
    refusals: [409, 503],
    noTool: 'secret',
  })),
  takes: rotation,
  isOptional: true,
  gives: { 200: json(secretOut, doc('The new secret.')) },
  run: ({ env, now, params }, request) => rotateSecret(env, params.id, request, now),
  show: (secrets, { now }) => toSecret(secrets, now),
  form: {
    at: '/endpoints/:id/secret/rotate',
    read: (form) => {
      const secret = form.get('secret')?.trim()
      return { grace_seconds: Number(form.get('grace_seconds') || 'NaN'), ...(secret && { secret }) }
    },
    next: (_, { asked, body }) => {
      const done = body.grace_seconds === 0 ? 'replaced' : 'rotated'
      return `/admin/endpoints/${asked.params.id}?tab=secret&done=${done}&secret=show`
    },
    refused: showEndpointAgain,
  },
  managed: {
    at: '/rotate',
    read: (form) => ({ grace_seconds: Number(form.get('grace_seconds') || 'NaN') }),
    next: ({ current: secret }, { asked: { env, now }, base }) => withFlash(env, base, { secret }, now),
    refused: showManaged,
  },
})

const pullTokenOut = documented('PullToken', () => z.object({ token: z.string() }))

export const createPullToken = creation({
  call: 'POST /api/endpoints/{id}/pull-token',
  act: 'endpoint.pull_token_created',
  ...doc({
    summary: 'Create a pull token',
    description:
      'The token is shown only once. It replaces the previous token, which stops working. An API key needs the scope `read`, too.',
    refusals: [400, 409],
    noTool: 'secret',
  }),
  gives: { 201: json(pullTokenOut, doc('The token.')) },
  once: 'pull-token',
  plan: async (asked) => {
    const { id } = asked.params
    const { token, hash, statements } = await planPullToken(asked.env, id, asked.now, grantOf(asked))
    requireAlso(asked, 'read')
    // The stored response shows the token, so it is erased with the token.
    return { result: { id, token }, statements, erasedWith: hash }
  },
  show: ({ token }) => ({ token }),
  subject: ({ id }) => id,
  form: {
    at: '/endpoints/:id/pull-token',
    next: async ({ id, token: pull_token }, { asked: { env, now } }) =>
      `${await withFlash(env, `/admin/endpoints/${id}`, { pull_token }, now)}&tab=pull`,
  },
})

export const revokePullToken = action({
  call: 'DELETE /api/endpoints/{id}/pull-token',
  act: 'endpoint.pull_token_revoked',
  ...doc({ summary: 'Revoke the pull token', noTool: 'setup' }),
  gives: { 204: { description: doc('Revoked.') } },
  run: ({ env, now, params }) => revoke(env, params.id, now),
  form: {
    at: '/endpoints/:id/pull-token/revoke',
    next: (_, { asked }) => `/admin/endpoints/${asked.params.id}?tab=pull&done=revoked`,
  },
})
