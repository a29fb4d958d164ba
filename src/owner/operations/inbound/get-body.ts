import * as z from 'zod'
import { OWNER } from '../../../kit/http/openapi'
import { action } from '../../../kit/operation'
import { bodyResponse } from '../../../webhooks/receive/messages/download'

export const getInboundBody = action({
  call: 'GET /api/inbound/{id}/body',
  may: 'read',
  security: [...OWNER, {}],
  summary: 'Download the raw body',
  description:
    "Requires the owner's token, or the `key` in the `body_url` of an `inbound.received` event. If the provider sends the secret in the body, it is replaced by `<secret>` for an API key without the scope `secrets`, and for the `key` of an event.",
  noTool: 'covered',
  query: z.object({ key: z.string().optional() }),
  gives: { 200: { description: 'The exact bytes, as an attachment of the type `application/octet-stream`.' } },
  run: async ({ params }) => params.id,
  send: bodyResponse,
})
