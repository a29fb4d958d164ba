import { SCANNED } from '../../../kit/db/sql/scanned'
import { action, json, pageOf, readCursor } from '../../../kit/operation'
import { inboundQuery, listedInbound, toListed } from '../../../webhooks/receive/inspector/schemas'
import { listInbound as list } from '../../../webhooks/receive/messages/queries'

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
