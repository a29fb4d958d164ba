import { sightOf } from '../../../access/rights'
import { action, json } from '../../../kit/operation'
import { explainInbound, withoutSecretParts } from '../../../webhooks/receive/inspector/explain'
import { verificationOut } from '../../../webhooks/receive/inspector/schemas'
import { requireInbound } from '../../../webhooks/receive/messages/load'

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
