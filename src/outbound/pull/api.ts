import { createRoute, z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { described, doc } from '#doc'
import { noteSubject } from '../../access/audit/record'
import { bearerToken, findOwner, wrongToken } from '../../access/owner-auth'
import { grantOf, hasScope, requireAlso } from '../../access/rights'
import { equalBytes, utf8 } from '../../core/lib/bytes'
import { hashToken, isToken } from '../../db/tokens'
import { type EndpointRow, findEndpoint } from '../../endpoints/store'
import type { HonoEnv } from '../../env'
import { acceptOnce } from '../../http/idempotency'
import { apiRouter, idempotencyKey, json, OWNER, problems } from '../../http/openapi'
import { iso, readCursor } from '../../http/pagination'
import { notFound } from '../../http/problem'
import { pullMessages } from './pull'
import { planPullToken, revokePullToken } from './token'

const MAX_WAIT_SECONDS = 25

const params = z.object({ id: z.string().max(100) })
const base = { tags: ['Endpoints'] }

const query = z.object({
  after: z
    .string()
    .max(200)
    .optional()
    .openapi(
      described('The id of the last message that you have. If omitted, the page starts with the first message.')
    ),
  limit: z.coerce.number().int().min(1).max(100).default(20).openapi({ type: 'integer' }),
  wait: z.coerce
    .number()
    .int()
    .min(0)
    .max(MAX_WAIT_SECONDS)
    .default(0)
    .openapi({
      type: 'integer',
      description: doc('How many seconds to wait if there is no message yet.'),
    }),
})

const pulledMessage = z
  .object({
    id: z.string(),
    type: z.string(),
    created_at: z.string(),
    headers: z
      .record(z.string(), z.string())
      .openapi(described('The headers that the request would have if it were sent now, with a new signature.')),
    body: z.string().openapi(described('The body of the request, byte for byte.')),
  })
  .openapi('PulledMessage')

const pulledPage = z
  .object({
    data: z.array(pulledMessage),
    next: z.string().nullable().openapi(described('Pass this value as `after` next time, even after the last page.')),
    has_more: z.boolean(),
  })
  .openapi('PulledPage')

/** `GET /api/endpoints/{id}/messages` accepts the endpoint's own token, so it is mounted before the owner's routes. */
export const pullApi = apiRouter()

pullApi.openapi(
  createRoute({
    ...base,
    method: 'get',
    path: '/{id}/messages',
    summary: doc('Pull messages, oldest first'),
    description: doc(
      'Returns the messages that the endpoint subscribes to, whether or not they have been delivered. ' +
        'Use this for a receiver that cannot accept incoming requests, or to check for missed messages. ' +
        'Pulling also works for a disabled endpoint. A message appears one second after it is published.'
    ),
    security: [{ pullToken: [] }, ...OWNER],
    request: { params, query },
    responses: {
      200: json(pulledPage, doc('A page of messages. It may be empty even if `has_more` is true.')),
      ...problems(400, 401, 404, 422, 429, 503),
    },
  }),
  async (c) => {
    const endpoint = await requirePuller(c, c.req.valid('param').id)
    const { after, limit, wait } = c.req.valid('query')
    const from = readCursor('msg', after || undefined) ?? null
    // A key that may not moderate gets the messages without links, with signatures that fit.
    const shown = hasScope(c, 'moderate') ? endpoint : { ...endpoint, moderation_links: 0 }
    const page = await pullMessages(c.env, shown, { after: from, limit, waitMs: wait * 1_000 }, c.req.raw.signal)
    c.header('Cache-Control', 'no-store')
    const data = page.data.map((message) => ({ ...message, created_at: iso(message.created_at) }))
    return c.json({ data, next: page.next, has_more: page.hasMore }, 200)
  }
)

/**
 * Allows the owner, and anyone with the endpoint's pull token.
 * @throws Refusal 401, or 429 after too many wrong tokens; 403 for an API key without the scope; 404 only for the owner,
 *   so that others do not learn which endpoints exist
 */
async function requirePuller(c: Context<HonoEnv>, id: string): Promise<EndpointRow> {
  const token = bearerToken(c)
  const isOwner = (await findOwner(c)) !== null
  // Other tokens cannot be right, so they cost no further query.
  const endpoint = isOwner || isToken('pull', token) ? await findEndpoint(c.env, id) : null
  if (isOwner) {
    if (!endpoint) throw notFound('endpoint')
    return endpoint
  }
  const hash = await hashToken(token)
  if (endpoint?.pull_token_hash && equalBytes(utf8(hash), utf8(endpoint.pull_token_hash))) return endpoint
  throw await wrongToken(c, 'Send the pull token of this endpoint: "Authorization: Bearer <token>".')
}

/** `/api/endpoints/{id}/pull-token`, for the owner. */
export const pullTokenApi = apiRouter()

pullTokenApi.openapi(
  createRoute({
    ...base,
    security: OWNER,
    method: 'post',
    path: '/{id}/pull-token',
    summary: doc('Create a pull token'),
    description: doc(
      'The token is shown only once. It replaces the previous token, which stops working. An API key needs the scope `read`, too.'
    ),
    request: { params, headers: idempotencyKey },
    responses: {
      201: json(z.object({ token: z.string() }).openapi('PullToken'), doc('The token.')),
      ...problems(400, 401, 404, 409),
    },
  }),
  async (c) => {
    const now = Date.now()
    const { id } = c.req.valid('param')
    const { token, hash, statements } = await planPullToken(c.env, id, now, grantOf(c))
    requireAlso(c, 'read')
    // The stored response is erased with the token, not only with the endpoint.
    const acceptance = { status: 201 as const, body: { token }, subject: hash, statements }
    const { response } = await acceptOnce(c, 'pull-token', acceptance, now)
    noteSubject(c, id)
    return response
  }
)

pullTokenApi.openapi(
  createRoute({
    ...base,
    security: OWNER,
    method: 'delete',
    path: '/{id}/pull-token',
    summary: doc('Revoke the pull token'),
    request: { params },
    responses: { 204: { description: doc('Revoked.') }, ...problems(401, 404) },
  }),
  async (c) => {
    await revokePullToken(c.env, c.req.valid('param').id, Date.now())
    return c.body(null, 204)
  }
)
