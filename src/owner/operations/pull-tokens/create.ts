import * as z from 'zod'
import { grantOf, requireAlso } from '../../../access/rights'
import type { Context } from '../../../kit/context'
import { withFlash } from '../../../kit/http/flash'
import { creation, json } from '../../../kit/operation'
import { requireMaySend } from '../../../webhooks/registration/manage'
import { showManaged } from '../../../webhooks/registration/show-managed'
import { planPullToken, refuseIfLinkReplaced } from '../../../webhooks/send/pull/token'

const pullTokenOut = z.object({ token: z.string() }).meta({ id: 'PullToken' })

export const createPullToken = creation({
  call: 'POST /api/endpoints/{id}/pull-token',
  may: 'write',
  act: 'endpoint.pull_token_created',
  summary: 'Create a pull token',
  description:
    'The token is shown only once. The previous token stops working. An API key also needs the scope `read`.',
  refusals: [400, 409, 410],
  noTool: 'secret',
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
    next: ({ id, token }, { asked }) => tabWith(token, `/admin/endpoints/${id}`, asked),
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
