import { sightOf } from '../../../access/rights'
import { action, json } from '../../../kit/operation'
import { inboundOut, toInbound } from '../../../webhooks/receive/inspector/schemas'
import { requireHead } from '../../../webhooks/receive/messages/load'

export const getInbound = action({
  call: 'GET /api/inbound/{id}',
  may: 'read',
  summary: 'Get a request',
  refusals: [503],
  noTool: 'covered',
  gives: { 200: json(inboundOut, 'The request, without its body.') },
  run: ({ env, params }) => requireHead(env, params.id),
  show: (head, asked) => toInbound(head, sightOf(asked)),
})
