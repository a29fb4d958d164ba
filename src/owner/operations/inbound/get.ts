import { sightOf } from '../../../access/rights'
import { inboundOut, toInbound } from '../../../inbound/inspector/schemas'
import { requireHead } from '../../../inbound/messages/load'
import { action, doc, json } from '../../../kit/operation'

export const getInbound = action({
  call: 'GET /api/inbound/{id}',
  tag: 'Inbound',
  summary: doc('Retrieve an inbound message'),
  gives: { 200: json(inboundOut, doc('The message, without its body.')) },
  refusals: [401, 404, 503],
  run: ({ env, params }) => requireHead(env, params.id),
  show: (head, asked) => toInbound(head, sightOf(asked)),
  noTool: 'covered',
})
