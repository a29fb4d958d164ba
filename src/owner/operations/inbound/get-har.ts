import * as z from 'zod'
import { action, json } from '../../../kit/operation'
import { harResponse } from '../../../webhooks/receive/inspector/har'
import { requireInbound } from '../../../webhooks/receive/messages/load'

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
