import * as z from 'zod'
import { hasScope, requireAlso, sightOf } from '../../../access/rights'
import { SCANNED } from '../../../kit/db/scanned'
import { OWNER } from '../../../kit/http/openapi'
import { invalidField, notFound } from '../../../kit/http/problem'
import { DASHBOARD } from '../../../kit/lib/paths'
import { action, json, pageOf, readCursor } from '../../../kit/operation'
import { bodyResponse } from '../messages/download'
import { removeInbound } from '../messages/erase'
import { type InboundHead, requireHead, requireInbound } from '../messages/load'
import { listInbound as list } from '../messages/queries'
import { processAgain } from '../process/reprocess'
import { compareRequests } from './compare'
import { explainInbound, withoutSecretParts } from './explain'
import { sendStored } from './forward'
import { harResponse } from './har'
import { showDetailAgain } from './pages'
import {
  comparisonOut,
  inboundOut,
  inboundQuery,
  listedInbound,
  replayIn,
  type SentOut,
  sentOut,
  toInbound,
  toListed,
  verificationOut,
} from './schemas'

/* The operations on the requests that sources have received. */

export const listInbound = action({
  call: 'GET /api/inbound',
  may: 'read',
  summary: 'List requests, newest first',
  description: `With a filter, a call searches at most ${SCANNED} requests, so a page may be empty and still have a \`next\` cursor.`,
  refusals: [400, 422],
  query: inboundQuery,
  gives: { 200: json(pageOf(listedInbound, 'InboundPage'), 'A page of requests.') },
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
    title: 'List requests',
    description: 'Lists webhooks that other services sent, newest first. `status: failed` lists those that failed.',
    takes: ['source', 'status', 'type', 'q', 'since', 'until', 'limit', 'cursor'],
    explains: { status: 'Only requests with this status.' },
    fromStrangers: true,
  },
})

export const getInbound = action({
  call: 'GET /api/inbound/{id}',
  may: 'read',
  summary: 'Get a request',
  refusals: [503],
  gives: { 200: json(inboundOut, 'The request, without its body.') },
  run: ({ env, params }) => requireHead(env, params.id),
  show: (head, asked) => toInbound(head, sightOf(asked)),
})

export const getInboundBody = action({
  call: 'GET /api/inbound/{id}/body',
  may: 'read',
  security: [...OWNER, {}],
  summary: 'Download the raw body',
  description:
    "Requires the owner's token, or the `key` in the `body_url` of an `inbound.received` event. If the provider sends the secret in the body, it is replaced by `<secret>` for an API key without the scope `secrets`, and for the `key` of an event.",
  query: z.object({ key: z.string().optional() }),
  gives: { 200: { description: 'The exact bytes, as an attachment of the type `application/octet-stream`.' } },
  run: async ({ params }) => params.id,
  send: bodyResponse,
})

const getInboundHarOut = z.object({ log: z.looseObject({}) })

export const getInboundHar = action({
  call: 'GET /api/inbound/{id}/har',
  may: 'read',
  summary: 'Get a request as an HTTP Archive (HAR)',
  description: 'Secrets are replaced by `<secret>`.',
  refusals: [413],
  gives: { 200: json(getInboundHarOut, 'The request, as HAR 1.2.') },
  run: ({ env, params }) => requireInbound(env, params.id),
  send: harResponse,
  tool: {
    name: 'get_inbound',
    title: 'Read a request',
    description: 'Gets one received request with its headers and its body, as an HTTP Archive. Secrets are removed.',
    takes: ['id'],
    explains: { id: 'The ID of the request, such as `in_...`.' },
    fromStrangers: true,
    omits: ['url', 'response', 'timings', 'cache', 'creator', 'cookies'],
  },
})

export const compareInbound = action({
  call: 'GET /api/inbound/{id}/compare',
  may: 'read',
  summary: 'Compare two requests',
  refusals: [422],
  query: z.object({ with: z.string().max(100) }),
  gives: { 200: json(comparisonOut, 'The differences.') },
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

export const explainVerification = action({
  call: 'GET /api/inbound/{id}/verification',
  may: 'read',
  summary: 'Explain the signature verification',
  description:
    'Verifies the request again with the current secret. Shows the signed content, where the signature was found, and the expected signature.',
  refusals: [503],
  gives: { 200: json(verificationOut, 'The result of each signature scheme.') },
  run: async (asked) => {
    const loaded = await requireInbound(asked.env, asked.params.id)
    const explained = await explainInbound(asked.env, loaded)
    return sightOf(asked).secrets ? explained : withoutSecretParts(explained, loaded)
  },
  show: (explained) => explained,
  tool: {
    name: 'explain_inbound',
    title: 'Explain why a signature was rejected',
    description:
      'Verifies a request again, and says which check failed and what to do. See `explanation` and `checks`.',
    takes: ['id'],
    explains: { id: 'The ID of the request, such as `in_...`.' },
    fromStrangers: true,
    omits: ['computed', 'received'],
  },
})

type Replayed = { sent: SentOut } | { head: InboundHead }

export const replayInbound = action({
  call: 'POST /api/inbound/{id}/replay',
  may: 'write',
  act: 'inbound.replayed',
  summary: 'Reprocess or forward a request',
  description:
    'Without `to`, the request is reprocessed immediately (202). Reprocessing never creates a second guestbook entry or event. With `to`, the request is forwarded to that URL, and the response is returned (200). An API key also needs the scope `read` to forward a request, or to reprocess a request that has not failed.',
  refusals: [409, 429, 503],
  takes: replayIn,
  isOptional: true,
  gives: {
    200: json(sentOut, 'The response to the forwarded request.'),
    202: json(inboundOut, 'The reprocessed request.'),
  },
  run: async (asked, { to, ...edited }): Promise<Replayed> => {
    const { env, now } = asked
    const { id } = asked.params
    if (to !== undefined) requireAlso(asked, 'read')
    if (edited.credentials) requireAlso(asked, 'secrets')
    if (to !== undefined) return { sent: await sendStored(asked, id, { to, ...edited }) }
    if (Object.keys(edited).length > 0) throw invalidField('to', 'Provide the URL to forward the edited request to.')
    // The source may do something else with it by now. What has failed was never acted on.
    if (!hasScope(asked, 'read') && (await requireHead(env, id)).row.status !== 'failed') requireAlso(asked, 'read')
    return { head: await processAgain(env, id, now) }
  },
  status: (replayed) => ('sent' in replayed ? 200 : 202),
  show: (replayed, asked) => ('sent' in replayed ? replayed.sent : toInbound(replayed.head, sightOf(asked))),
  /** The other form forwards the request, and shows the response: see webhooks/receive/inspector/pages.tsx. */
  form: {
    at: '/inbound/:id/process',
    next: (replayed, { asked }) => {
      const isWaiting = 'head' in replayed && replayed.head.row.status === 'new'
      return `${DASHBOARD.requests}/${asked.params.id}?done=${isWaiting ? 'waiting' : 'replayed'}`
    },
    refused: showDetailAgain,
  },
  tool: {
    name: 'reprocess_inbound',
    title: 'Reprocess a request',
    description:
      'Verifies and processes one request again, for example after its secret was corrected. It never creates a second entry or event.',
    takes: ['id'],
    explains: { id: 'The ID of the request, such as `in_...`.' },
    fromStrangers: true,
    omits: ['headers', 'path', 'query'],
  },
})

export const deleteInbound = action({
  call: 'DELETE /api/inbound/{id}',
  may: 'write',
  act: 'inbound.deleted',
  summary: 'Delete a request and its body',
  description:
    'A guestbook entry that the request created is kept. An event that it published is erased, and no longer sent. If the provider sends the webhook again, that request counts as new.',
  gives: { 204: { description: 'The request was deleted.' } },
  run: ({ env, now, params }) => removeInbound(env, params.id, now),
  form: { at: '/inbound/:id/delete', next: () => `${DASHBOARD.requests}?done=removed` },
})
