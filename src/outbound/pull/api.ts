import { createRoute, z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { equalBytes, utf8 } from '../../core/lib/bytes'
import { hashToken } from '../../db/tokens'
import { planPullToken, revokePullToken } from '../../endpoints/manage'
import { type EndpointRow, findEndpoint } from '../../endpoints/store'
import type { HonoEnv } from '../../env'
import { acceptOnce } from '../../http/idempotency'
import { apiRouter, idempotencyKey, json, OWNER, problems } from '../../http/openapi'
import { isOwnerToken } from '../../http/owner-auth'
import { iso, readCursor } from '../../http/pagination'
import { notFound, Refusal } from '../../http/problem'
import { type PulledMessage, pullMessages } from './pull'

const MAX_WAIT_SECONDS = 25

const params = z.object({ id: z.string().max(100) })
const base = { tags: ['Endpoints'] }

const query = z.object({
  after: z.string().max(200).optional().openapi({
    description: 'The last message that you have; from the first one on, if left out.',
  }),
  limit: z.coerce.number().int().min(1).max(100).default(20).openapi({ type: 'integer' }),
  wait: z.coerce.number().int().min(0).max(MAX_WAIT_SECONDS).default(0).openapi({
    type: 'integer',
    description: 'How many seconds to wait for a message, when there is none.',
  }),
})

const pulledMessage = z
  .object({
    id: z.string(),
    type: z.string(),
    created_at: z.string(),
    headers: z
      .record(z.string(), z.string())
      .openapi({ description: 'As they would be sent now: the signature is fresh.' }),
    body: z.string().openapi({ description: 'As it would be sent, byte for byte.' }),
  })
  .openapi('PulledMessage')

const pulledPage = z
  .object({
    data: z.array(pulledMessage),
    next: z
      .string()
      .nullable()
      .openapi({ description: 'For `after`; also when there is no more.' }),
    has_more: z.boolean(),
  })
  .openapi('PulledPage')

/** `GET /api/endpoints/{id}/messages`: authorised by the endpoint's own token, so mounted before the owner's calls. */
export const pullApi = apiRouter()

pullApi.openapi(
  createRoute({
    ...base,
    method: 'get',
    path: '/{id}/messages',
    summary: 'Pull messages, oldest first',
    description:
      'What the endpoint asks for, whether it was delivered or not: for a receiver that cannot be called, or wants to find its gaps. ' +
      'Works for a disabled endpoint too. A message comes a second after it happened.',
    security: [{ pullToken: [] }, ...OWNER],
    request: { params, query },
    responses: {
      200: json(pulledPage, 'A page; it may be empty and still have more.'),
      ...problems(400, 401, 404, 422),
    },
  }),
  async (c) => {
    const endpoint = await requirePuller(c, c.req.valid('param').id)
    const { after, limit, wait } = c.req.valid('query')
    const from = readCursor('msg', after || undefined) ?? null
    const request = { after: from, limit, waitMs: wait * 1_000 }
    const page = await pullMessages(c.env, endpoint, request, c.req.raw.signal)
    c.header('Cache-Control', 'no-store')
    return c.json({ data: page.data.map(toPulled), next: page.next, has_more: page.hasMore }, 200)
  }
)

function toPulled({ id, type, created_at, request }: PulledMessage): z.infer<typeof pulledMessage> {
  return { id, type, created_at: iso(created_at), headers: request.headers, body: request.body }
}

/** @throws Refusal 401; 404 for the owner alone, so that nobody else learns which endpoints there are */
async function requirePuller(c: Context<HonoEnv>, id: string): Promise<EndpointRow> {
  const token = /^Bearer +(\S+)$/i.exec(c.req.header('Authorization') ?? '')?.[1] ?? ''
  const endpoint = await findEndpoint(c.env, id)
  if (isOwnerToken(c.env, token)) {
    if (!endpoint) throw notFound('endpoint')
    return endpoint
  }
  const hash = await hashToken(token)
  if (endpoint?.pull_token_hash && equalBytes(utf8(hash), utf8(endpoint.pull_token_hash)))
    return endpoint
  const detail = 'Send "Authorization: Bearer <pull token of this endpoint>".'
  const headers = { 'WWW-Authenticate': 'Bearer realm="guesthook"' }
  throw new Refusal(401, 'bad_token', detail, { headers })
}

/** `/api/endpoints/{id}/pull-token`: the owner's. */
export const pullTokenApi = apiRouter()

pullTokenApi.openapi(
  createRoute({
    ...base,
    security: OWNER,
    method: 'post',
    path: '/{id}/pull-token',
    summary: 'Make a token to pull with',
    description: 'Shown this once. One that was made before is no longer valid.',
    request: { params, headers: idempotencyKey },
    responses: {
      201: json(z.object({ token: z.string() }).openapi('PullToken'), 'The token.'),
      ...problems(400, 401, 404, 409),
    },
  }),
  async (c) => {
    const now = Date.now()
    const { token, statement } = await planPullToken(c.env, c.req.valid('param').id, now)
    const acceptance = { status: 201 as const, body: { token }, statements: [statement] }
    return (await acceptOnce(c, 'pull-token', acceptance, now)).response
  }
)

pullTokenApi.openapi(
  createRoute({
    ...base,
    security: OWNER,
    method: 'delete',
    path: '/{id}/pull-token',
    summary: 'Take the token back',
    request: { params },
    responses: { 204: { description: 'Nobody can pull any more.' }, ...problems(401, 404) },
  }),
  async (c) => {
    await revokePullToken(c.env, c.req.valid('param').id, Date.now())
    return c.body(null, 204)
  }
)
