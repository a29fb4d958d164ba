import * as z from 'zod'
import { grantOf, requireAlso } from '../../../access/rights'
import type { Context } from '../../../kit/context'
import { withFlash } from '../../../kit/http/flash'
import { DASHBOARD } from '../../../kit/lib/paths'
import { action, creation, json } from '../../../kit/operation'
import { requireMaySend } from '../../registration/manage'
import { showManaged } from '../../registration/show-managed'
import { planPullToken, refuseIfLinkReplaced, revokePullToken as revoke } from './token'

/* The operations on the pull token of an endpoint. */

const pullTokenOut = z.object({ token: z.string() }).meta({ id: 'PullToken' })

export const createPullToken = creation({
  call: 'POST /api/endpoints/{id}/pull-token',
  may: 'write',
  act: 'endpoint.pull_token_created',
  summary: 'Create a pull token',
  description:
    'The token is shown only once. The previous token stops working. An API key also needs the scope `read`.',
  refusals: [400, 409, 410],
  gives: { 201: json(pullTokenOut, 'The token.') },
  once: 'pull-token',
  plan: async (asked) => {
    const { id } = asked.params
    const { token, hash, statements } = await planPullToken(asked.env, id, asked.now, grantOf(asked))
    requireAlso(asked, 'read')
    // The stored response shows the token, so it is erased with the token.
    return { result: { id, token }, statements, erasedWith: hash, write: refuseIfLinkReplaced }
  },
  show: ({ token }) => ({ token }),
  subject: ({ id }) => id,
  form: {
    at: '/endpoints/:id/pull-token',
    next: ({ id, token }, { asked }) => tabWith(token, `${DASHBOARD.endpoints}/${id}`, asked),
  },
  managed: {
    at: '/pull-token',
    check: requireMaySend,
    next: ({ token }, { asked, base }) => tabWith(token, base, asked),
    refused: showManaged,
  },
})

/** @returns the address of the tab that shows a new token */
const tabWith = async (pull_token: string, page: string, { env, now }: Context) =>
  `${await withFlash(env, page, { pull_token }, now)}&tab=pull`

export const revokePullToken = action({
  call: 'DELETE /api/endpoints/{id}/pull-token',
  may: 'write',
  act: 'endpoint.pull_token_revoked',
  summary: 'Revoke the pull token',
  gives: { 204: { description: 'Revoked.' } },
  run: ({ env, now, params }) => revoke(env, params.id, now),
  changes: (isRevoked) => isRevoked,
  form: {
    at: '/endpoints/:id/pull-token/revoke',
    next: (_, { asked }) => `${DASHBOARD.endpoints}/${asked.params.id}?tab=pull&done=revoked`,
  },
  managed: { at: '/pull-token/revoke', next: (_, { base }) => `${base}?tab=pull&done=revoked` },
})
