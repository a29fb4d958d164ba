import * as z from 'zod'
import { notFound } from '../../../kit/http/problem'
import { action, json } from '../../../kit/operation'
import { compareRequests } from '../../../webhooks/receive/inspector/compare/compare'
import { comparisonOut } from '../../../webhooks/receive/inspector/schemas'
import { requireInbound } from '../../../webhooks/receive/messages/load'

export const compareInbound = action({
  call: 'GET /api/inbound/{id}/compare',
  may: 'read',
  summary: 'Compare two requests',
  refusals: [422],
  noTool: 'rare',
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
