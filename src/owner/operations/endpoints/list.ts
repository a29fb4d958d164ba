import * as z from 'zod'
import { sightOf } from '../../../access/rights'
import { SCANNED } from '../../../kit/db/sql/scanned'
import { action, json, listQuery, pageOf, readCursor } from '../../../kit/operation'
import { STATES, searchEndpoints } from '../../../webhooks/endpoints/list/search'
import { endpointOut, toEndpoint } from '../../../webhooks/endpoints/shown'

const query = listQuery.extend({
  state: z
    .enum(STATES)
    .optional()
    .describe('`attention`: endpoints that are failing, were disabled because they failed, or wait for approval.'),
  q: z
    .string()
    .max(255)
    .optional()
    .describe(
      'Text to find in the ID, the URL and the description. Without the scope `secrets`, only the host of the URL is searched, not its path.'
    ),
})

export const listEndpoints = action({
  call: 'GET /api/endpoints',
  may: ['read', 'secrets'],
  summary: 'List endpoints, newest first',
  description: `A request with a filter searches at most ${SCANNED} endpoints, so a page may be empty and still have a \`next\` cursor.`,
  refusals: [400, 422],
  query,
  gives: { 200: json(pageOf(endpointOut, 'EndpointPage'), 'A page of endpoints.') },
  run: ({ env, query: { limit, cursor, ...filter }, ...caller }) =>
    searchEndpoints(env, filter, sightOf(caller), readCursor('ep', cursor), limit),
  show: ({ data, next }, asked) => ({ data: data.map((row) => toEndpoint(row, sightOf(asked))), next }),
  tool: {
    name: 'list_endpoints',
    title: 'List endpoints',
    description:
      'Lists the receivers of outgoing webhooks with their health. `state: attention` lists those that fail, that were disabled because they failed, or that wait for approval.',
    takes: ['state', 'q', 'limit', 'cursor'],
    fromStrangers: true,
    omits: ['headers'],
  },
})
