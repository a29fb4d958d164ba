import { createRoute, z } from '@hono/zod-openapi'
import { doc } from '#doc'
import { callerOf, hasScope, requireAlso, sightOf } from '../../access/rights'
import type { Check } from '../../core/verifying/check'
import { apiRouter, type JsonText, json, jsonRequest, OWNER, problems } from '../../http/openapi'
import { requestOrigin } from '../../http/origin'
import { pageOf, readCursor } from '../../http/pagination'
import { invalid, notFound } from '../../http/problem'
import { bodyResponse } from '../messages/download'
import { requireHead, requireInbound } from '../messages/load'
import { listInbound } from '../messages/queries'
import { removeInbound } from '../messages/remove'
import { processAgain } from '../process/reprocess'
import { compareRequests } from './compare/compare'
import { explainInbound } from './explain'
import { sendStored } from './forward/forward'
import { harResponse } from './har'
import {
  comparisonOut,
  inboundOut,
  inboundQuery,
  listedInbound,
  replayIn,
  sentOut,
  toInbound,
  toListed,
  verificationOut,
} from './schemas'

const params = z.object({ id: z.string().max(100) })
const base = { tags: ['Inbound'], security: OWNER }

/** The maximum size of a request body. A replay can include an edited copy of the stored body. */
export const MAX_REPLAY_BYTES = 8 * 1_024 * 1_024

/** `/api/inbound`: the received messages. Protected by `requireOwner` in app.tsx. */
export const inboundApi = apiRouter()

inboundApi.openapi(
  createRoute({
    ...base,
    method: 'get',
    path: '/',
    summary: doc('List inbound messages, newest first'),
    description: doc(
      'A request with a filter searches at most 500 messages, so a page may be empty and still have a `next` cursor.'
    ),
    request: { query: inboundQuery },
    responses: {
      200: json(pageOf(listedInbound, 'InboundPage'), doc('A page of messages.')),
      ...problems(400, 401, 422),
    },
  }),
  async (c) => {
    const { limit, cursor, since, until, q, source, source_id, type, event_type, status } = c.req.valid('query')
    const filter = {
      status,
      source: source ?? source_id,
      type: type ?? event_type,
      since: since === undefined ? undefined : Date.parse(since),
      until: until === undefined ? undefined : Date.parse(until),
      q: q === '' ? undefined : q,
    }
    const { data, next } = await listInbound(c.env, filter, readCursor('in', cursor), limit)
    return c.json({ data: data.map(toListed), next }, 200)
  }
)

inboundApi.openapi(
  createRoute({
    ...base,
    method: 'get',
    path: '/{id}',
    summary: doc('Retrieve an inbound message'),
    request: { params },
    responses: { 200: json(inboundOut, doc('The message, without its body.')), ...problems(401, 404, 503) },
  }),
  async (c) => c.json(toInbound(await requireHead(c.env, c.req.valid('param').id), sightOf(callerOf(c))), 200)
)

inboundApi.openapi(
  createRoute({
    ...base,
    method: 'get',
    path: '/{id}/har',
    summary: doc('Get the request as an HTTP Archive'),
    description: doc('Secrets are replaced by `<secret>`.'),
    request: { params },
    responses: { 200: json(z.object({ log: z.looseObject({}) }), doc('HAR 1.2.')), ...problems(401, 404, 413) },
  }),
  async (c) => harResponse(c, await requireInbound(c.env, c.req.valid('param').id)) as JsonText
)

inboundApi.openapi(
  createRoute({
    ...base,
    method: 'get',
    path: '/{id}/compare',
    summary: doc('Compare two requests'),
    request: { params, query: z.object({ with: z.string().max(100) }) },
    responses: { 200: json(comparisonOut, doc('What is different.')), ...problems(401, 404, 422) },
  }),
  async (c) => {
    const ids = [c.req.valid('query').with, c.req.valid('param').id].toSorted()
    const [before, after] = await Promise.all(ids.map((id) => requireInbound(c.env, id)))
    if (!before || !after) throw notFound('inbound message')
    const { isSameBody: is_same_body, ...differences } = compareRequests(before, after)
    return c.json({ before: before.row.id, after: after.row.id, is_same_body, ...differences }, 200)
  }
)

inboundApi.openapi(
  createRoute({
    ...base,
    method: 'delete',
    path: '/{id}',
    summary: doc('Delete an inbound message and its body'),
    description: doc(
      'The guestbook entry or event that the message created is kept. If the provider sends the webhook again, it counts as new.'
    ),
    request: { params },
    responses: { 204: { description: doc('The message was deleted.') }, ...problems(401, 404) },
  }),
  async (c) => {
    await removeInbound(c.env, c.req.valid('param').id, Date.now())
    return c.body(null, 204)
  }
)

inboundApi.openapi(
  createRoute({
    ...base,
    method: 'get',
    path: '/{id}/verification',
    summary: doc('Explain the signature verification'),
    description: doc(
      'Verifies the message again with the current secret. Shows the signed content, where the signature was found, and the expected signature.'
    ),
    request: { params },
    responses: { 200: json(verificationOut, doc('The result of each signature scheme.')), ...problems(401, 404, 503) },
  }),
  async (c) => {
    const explained = await explainInbound(c.env, await requireInbound(c.env, c.req.valid('param').id))
    // An expected signature is all that a forged webhook needs.
    const hide = (check: Check) => (sightOf(callerOf(c)).secrets ? check : { ...check, computed: [] })
    return c.json({ ...explained, checks: explained.checks.map(hide) }, 200)
  }
)

inboundApi.openapi(
  createRoute({
    ...base,
    method: 'get',
    path: '/{id}/body',
    summary: doc('Download the raw body'),
    description: doc("Requires the owner's token, or the `key` in the `body_url` of an `inbound.received` event."),
    security: [...OWNER, {}],
    request: { params, query: z.object({ key: z.string().optional() }) },
    responses: {
      200: { description: doc('The exact bytes, as an attachment of the type `application/octet-stream`.') },
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
    summary: doc('Reprocess or forward an inbound message'),
    description: doc(
      'Without `to`, the message is reprocessed immediately (202). Reprocessing never creates a second guestbook entry or event. With `to`, the stored request is forwarded to that URL, and the response is returned (200). For that, and to reprocess a message that has not failed, an API key needs the scope `read`, too.'
    ),
    request: { params, body: jsonRequest(replayIn, false) },
    responses: {
      200: json(sentOut, doc('The response to the forwarded request.')),
      202: json(inboundOut, doc('The reprocessed message.')),
      ...problems(400, 401, 404, 409, 422, 429, 503),
    },
  }),
  async (c) => {
    const now = Date.now()
    const { id } = c.req.valid('param')
    const { to, ...edited } = replayIn.parse(c.req.valid('json') ?? {})
    if (to !== undefined) requireAlso(callerOf(c), 'read')
    if (edited.credentials) requireAlso(callerOf(c), 'secrets')
    if (to !== undefined) return c.json(await sendStored(c.env, id, { to, ...edited }, requestOrigin(c), now), 200)
    if (Object.keys(edited).length > 0)
      throw invalid([{ path: 'to', message: 'Provide the URL to forward the edited request to.' }])
    // The source may do something else with it by now. What has failed was never acted on.
    if (!hasScope(callerOf(c), 'read') && (await requireHead(c.env, id)).row.status !== 'failed')
      requireAlso(callerOf(c), 'read')
    return c.json(toInbound(await processAgain(c.env, id, now), sightOf(callerOf(c))), 202)
  }
)
