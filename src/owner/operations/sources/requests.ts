import { sightOf } from '../../../access/rights'
import { SCANNED } from '../../../kit/db/sql/scanned'
import { OWNER } from '../../../kit/http/openapi'
import { notFound } from '../../../kit/http/problem'
import { action, doc, documented, json, pageOf, readCursor } from '../../../kit/operation'
import { compareRequests } from '../../../webhooks/receive/inspector/compare/compare'
import { harResponse } from '../../../webhooks/receive/inspector/har'
import {
  comparisonOut,
  inboundOut,
  inboundQuery,
  listedInbound,
  toInbound,
  toListed,
} from '../../../webhooks/receive/inspector/schemas'
import { bodyResponse } from '../../../webhooks/receive/messages/download'
import { requireHead, requireInbound } from '../../../webhooks/receive/messages/load'
import { listInbound as list } from '../../../webhooks/receive/messages/queries'
import * as z from '../../../zod'

export const listInbound = action({
  call: 'GET /api/inbound',
  ...doc(() => ({
    summary: 'List requests, newest first',
    description: `With a filter, a call searches at most ${SCANNED} requests, so a page may be empty and still have a \`next\` cursor.`,
    refusals: [400, 422],
  })),
  query: inboundQuery,
  gives: { 200: json(pageOf(listedInbound, 'InboundPage'), doc('A page of requests.')) },
  run: ({ env, query: { limit, cursor, since, until, q, source, source_id, type, event_type, status } }) => {
    const filter = {
      status,
      source: source ?? source_id,
      type: type ?? event_type,
      since: since === undefined ? undefined : Date.parse(since),
      until: until === undefined ? undefined : Date.parse(until),
      q: q === '' ? undefined : q,
    }
    return list(env, filter, readCursor('in', cursor), limit)
  },
  show: ({ data, next }) => ({ data: data.map(toListed), next }),
  tool: {
    name: 'list_inbound',
    ...doc({
      title: 'List requests',
      description: 'Lists webhooks that other services sent, newest first. `status: failed` lists those that failed.',
    }),
    takes: ['source', 'status', 'type', 'q', 'since', 'until', 'limit', 'cursor'],
    explains: doc({ status: 'Only requests with this status.' }),
    fromStrangers: true,
  },
})

export const getInbound = action({
  call: 'GET /api/inbound/{id}',
  ...doc({ summary: 'Get a request', refusals: [503], noTool: 'covered' }),
  gives: { 200: json(inboundOut, doc('The request, without its body.')) },
  run: ({ env, params }) => requireHead(env, params.id),
  show: (head, asked) => toInbound(head, sightOf(asked)),
})

export const getInboundBody = action({
  call: 'GET /api/inbound/{id}/body',
  security: [...OWNER, {}],
  ...doc({
    summary: 'Download the raw body',
    description: "Requires the owner's token, or the `key` in the `body_url` of an `inbound.received` event.",
    noTool: 'covered',
  }),
  query: z.object({ key: z.string().optional() }),
  gives: { 200: { description: doc('The exact bytes, as an attachment of the type `application/octet-stream`.') } },
  run: async ({ params }) => params.id,
  send: bodyResponse,
})

const getInboundHarOut = documented(null, () => z.object({ log: z.looseObject({}) }))

export const getInboundHar = action({
  call: 'GET /api/inbound/{id}/har',
  ...doc({
    summary: 'Get the request as an HTTP Archive',
    description: 'Secrets are replaced by `<secret>`.',
    refusals: [413],
  }),
  gives: { 200: json(getInboundHarOut, doc('HAR 1.2.')) },
  run: ({ env, params }) => requireInbound(env, params.id),
  send: harResponse,
  tool: {
    name: 'get_inbound',
    ...doc({
      title: 'Read a request',
      description: 'Gets one received request with its headers and its body, as an HTTP Archive. Secrets are removed.',
    }),
    takes: ['id'],
    explains: doc({ id: 'The ID of the request, such as `in_...`.' }),
    fromStrangers: true,
    omits: ['url', 'response', 'timings', 'cache', 'creator', 'cookies'],
  },
})

export const compareInbound = action({
  call: 'GET /api/inbound/{id}/compare',
  ...doc({ summary: 'Compare two requests', refusals: [422], noTool: 'rare' }),
  query: z.object({ with: z.string().max(100) }),
  gives: { 200: json(comparisonOut, doc('What is different.')) },
  run: async ({ env, params, query }) => {
    const ids = [query.with, params.id].toSorted()
    const [before, after] = await Promise.all(ids.map((id) => requireInbound(env, id)))
    if (!before || !after) throw notFound('request')
    return { before, after }
  },
  show: ({ before, after }) => {
    const { isSameBody: is_same_body, ...differences } = compareRequests(before, after)
    return { before: before.row.id, after: after.row.id, is_same_body, ...differences }
  },
})
