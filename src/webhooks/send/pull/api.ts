import type { Context } from 'hono'
import * as z from 'zod'
import { bearerToken, findOwner, wrongToken } from '../../../access/owner-auth'
import { sightOf } from '../../../access/rights'
import type { HonoEnv } from '../../../env'
import { callerOf } from '../../../kit/caller'
import { contextOf } from '../../../kit/context'
import { hashToken, isToken } from '../../../kit/db/tokens'
import { json, OWNER, problems } from '../../../kit/http/openapi'
import { iso, listQuery, readCursor } from '../../../kit/http/pagination'
import { orNotFound } from '../../../kit/http/problem'
import { ApiRouter, createRoute } from '../../../kit/http/router'
import { equalBytes, utf8 } from '../../../kit/lib/bytes'
import { spanInWords } from '../../../kit/lib/time'
import { type EndpointRow, findEndpoint } from '../../endpoints/store'
import { seenBy } from '../../endpoints/url'
import { pullableFrom } from '../../registration/manage'
import { pullMessages, SETTLED_MS } from './pull'

const MAX_WAIT_SECONDS = 25
const params = z.object({ id: z.string().max(100) })
const base = { tags: ['Endpoints'] }

const query = z.object({
  after: z
    .string()
    .max(200)
    .optional()
    .describe('The ID of the last message that you have. If omitted, the page starts with the first message.'),
  limit: listQuery.shape.limit,
  wait: z.coerce.number().int().min(0).max(MAX_WAIT_SECONDS).default(0).meta({
    type: 'integer',
    minimum: 0,
    maximum: MAX_WAIT_SECONDS,
    default: 0,
    description: 'How many seconds to wait if there is no new message for this endpoint yet.',
  }),
})

const pulledMessage = z
  .object({
    id: z.string(),
    type: z.string(),
    created_at: z.string(),
    headers: z
      .record(z.string(), z.string())
      .describe('The headers that a delivery of this message would have now, including a new signature.'),
    body: z.string().describe('The body that a delivery of this message would have, byte for byte.'),
  })
  .meta({ id: 'PulledMessage' })

const pulledPage = z
  .object({
    data: z.array(pulledMessage),
    next: z
      .string()
      .nullable()
      .describe('Pass this value as `after` in the next call, even if this page is the last one.'),
    has_more: z.boolean(),
  })
  .meta({ id: 'PulledPage' })

/** `GET /api/endpoints/{id}/messages` accepts the endpoint's own token, so it is mounted before the owner's routes. */
export const pullApi = new ApiRouter()

pullApi.openapi(
  createRoute({
    method: 'get',
    path: '/{id}/messages',
    request: { params, query },
    ...base,
    summary: 'Pull messages, oldest first',
    description:
      'Returns the messages that the endpoint subscribes to, whether or not they have been delivered. ' +
      'Use this call for a receiver that cannot accept incoming requests, or to check for missed messages. ' +
      'Pulling also works for a disabled endpoint, but for one of an integrator only if the owner lets it receive messages. ' +
      `A message appears ${spanInWords(SETTLED_MS)} after it is published.`,
    security: [{ pullToken: [] }, ...OWNER],
    responses: {
      200: json(pulledPage, 'A page of messages. The page may be empty even if `has_more` is true.'),
      ...problems([400, 401, 404, 409, 422, 429, 503]),
    },
  }),
  async (c) => {
    const { endpoint, oldest } = await requirePuller(c, c.req.valid('param').id)
    const { after, limit, wait } = c.req.valid('query')
    // IDs sort by time, so this is the later one.
    const [, from = ''] = [readCursor('msg', after || undefined) ?? '', oldest ?? ''].toSorted()
    // An integrator, and a key with fewer scopes, get the messages without what they may not see, with signatures that fit.
    const isStrangers = oldest !== null
    const shown = seenBy(endpoint, isStrangers ? { links: false, secrets: true, headers: true } : sightOf(callerOf(c)))
    const range = { after: from, limit, waitMs: wait * 1_000, isStrangers }
    const page = await pullMessages(contextOf(c), shown, range, c.req.raw.signal)
    c.header('Cache-Control', 'no-store')
    const data = page.data.map((message) => ({ ...message, created_at: iso(message.created_at) }))
    return c.json({ data, next: page.next || null, has_more: page.hasMore }, 200)
  }
)

/**
 * `oldest` is the first message that an integrator may pull. It is null if the owner pulls, or for an endpoint of the
 * owner.
 */
type Puller = { endpoint: EndpointRow; oldest: string | null }

/**
 * Allows the owner, and anyone with the endpoint's pull token. @throws Refusal 401, 429 after too many wrong tokens,
 * 403 without the scope; 404 for the owner only, so that others do not learn which endpoints exist
 */
async function requirePuller(c: Context<HonoEnv>, id: string): Promise<Puller> {
  const token = bearerToken(c)
  const isOwner = (await findOwner(c)) !== null
  // Other tokens cannot be right, so they cost no further query.
  const endpoint = isOwner || isToken('pull', token) ? await findEndpoint(c.env, id) : null
  if (isOwner) return { endpoint: orNotFound(endpoint, 'endpoint'), oldest: null }
  const hash = await hashToken(token)
  if (endpoint?.pull_token_hash && equalBytes(utf8(hash), utf8(endpoint.pull_token_hash)))
    return { endpoint, oldest: await pullableFrom(c.env, endpoint) }
  throw await wrongToken(c, 'Send the pull token of this endpoint: "Authorization: Bearer <token>".')
}
