import { createRoute, z } from '@hono/zod-openapi'
import { apiRouter, json, jsonRequest, OWNER, problems } from '../../http/openapi'
import { publicOrigin } from '../../http/origin'
import { pageOf, readCursor } from '../../http/pagination'
import { invalid } from '../../http/problem'
import { bodyResponse } from '../messages/download'
import { requireHead } from '../messages/load'
import { listInbound } from '../messages/queries'
import { removeInbound } from '../messages/remove'
import { processAgain } from '../process/reprocess'
import { explainInbound } from './explain'
import { sendStored } from './forward'
import {
  inboundOut,
  inboundQuery,
  listedInbound,
  replayIn,
  sentOut,
  toInbound,
  toListed,
} from './schemas'

const params = z.object({ id: z.string().max(100) })
const base = { tags: ['Inbound'], security: OWNER }

/** `/api/inbound`: what came in. The owner's; see `requireOwner` in app.tsx. */
export const inboundApi = apiRouter()

inboundApi.openapi(
  createRoute({
    ...base,
    method: 'get',
    path: '/',
    summary: 'List what came in, newest first',
    description:
      'A filter that is rare looks at 500 messages a call: a page can be empty and have a `next`.',
    request: { query: inboundQuery },
    responses: {
      200: json(pageOf(listedInbound, 'InboundPage'), 'A page.'),
      ...problems(400, 401, 422),
    },
  }),
  async (c) => {
    const { limit, cursor, since, until, q, source, source_id, type, event_type, status } =
      c.req.valid('query')
    const filter = { status, source: source ?? source_id, type: type ?? event_type }
    const range = {
      since: since === undefined ? undefined : Date.parse(since),
      until: until === undefined ? undefined : Date.parse(until),
      q: q === '' ? undefined : q,
    }
    const before = readCursor('in', cursor)
    const { data, next } = await listInbound(c.env, { ...filter, ...range }, before, limit)
    return c.json({ data: data.map(toListed), next }, 200)
  }
)

inboundApi.openapi(
  createRoute({
    ...base,
    method: 'get',
    path: '/{id}',
    summary: 'Show what came in',
    request: { params },
    responses: {
      200: json(inboundOut, 'The message, without its body.'),
      ...problems(401, 404, 503),
    },
  }),
  async (c) => c.json(toInbound(await requireHead(c.env, c.req.valid('param').id)), 200)
)

inboundApi.openapi(
  createRoute({
    ...base,
    method: 'delete',
    path: '/{id}',
    summary: 'Remove a message and its body',
    description: 'What became of it stays. If it is sent again, it is new.',
    request: { params },
    responses: { 204: { description: 'Gone.' }, ...problems(401, 404) },
  }),
  async (c) => {
    await removeInbound(c.env, c.req.valid('param').id)
    return c.body(null, 204)
  }
)

const check = z.object({
  scheme: z.string(),
  at: z.string(),
  received: z.array(z.string()),
  readable: z.boolean(),
  signed: z.string().nullable(),
  computed: z.array(z.string()),
  timestamp: z
    .object({ text: z.string(), age: z.number().nullable(), tolerance: z.number() })
    .nullable(),
  reason: z.string().nullable(),
})
const verificationOut = z
  .object({
    verified: z.boolean(),
    reason: z.string().nullable(),
    explanation: z.string().nullable(),
    checks: z.array(check),
  })
  .openapi('InboundVerification')

inboundApi.openapi(
  createRoute({
    ...base,
    method: 'get',
    path: '/{id}/verification',
    summary: 'Explain the verification step by step',
    description:
      'With the secret as it is now: what was signed, where the signature stood, and what it should have been.',
    request: { params },
    responses: { 200: json(verificationOut, 'Each scheme tried.'), ...problems(401, 404, 503) },
  }),
  async (c) => c.json(await explainInbound(c.env, c.req.valid('param').id), 200)
)

inboundApi.openapi(
  createRoute({
    ...base,
    method: 'get',
    path: '/{id}/body',
    summary: 'The exact bytes of the body',
    description: 'For the owner, or by the `body_url` of `inbound.received`, which has a key.',
    security: [...OWNER, {}],
    request: { params, query: z.object({ key: z.string().optional() }) },
    responses: {
      200: { description: 'With the content type that it came with, as an attachment.' },
      ...problems(401, 404),
    },
  }),
  async (c) => bodyResponse(c, c.req.valid('param').id)
)

inboundApi.openapi(
  createRoute({
    ...base,
    method: 'post',
    path: '/{id}/replay',
    summary: 'Process again, or send the stored request somewhere',
    description:
      'Without `to`: 202, processed again, now; that never makes a second comment or message. With `to`: 200 and what came back.',
    request: { params, body: jsonRequest(replayIn, false) },
    responses: {
      200: json(sentOut, 'What came back.'),
      202: json(inboundOut, 'As it is now.'),
      ...problems(400, 401, 404, 409, 422, 429, 503),
    },
  }),
  async (c) => {
    const now = Date.now()
    const { id } = c.req.valid('param')
    const { to, ...edited } = replayIn.parse(c.req.valid('json') ?? {})
    if (to === undefined && Object.keys(edited).length > 0) {
      throw invalid([{ path: 'to', message: 'Say where to send what was edited.' }])
    }
    if (to === undefined) return c.json(toInbound(await processAgain(c.env, id, now)), 202)
    return c.json(await sendStored(c.env, id, { to, ...edited }, publicOrigin(c), now), 200)
  }
)
