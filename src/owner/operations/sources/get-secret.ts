import { action, doc, documentedObject, json } from '../../../kit/operation'
import { requireSource } from '../../../webhooks/sources/manage'
import { openSource } from '../../../webhooks/sources/secrets'
import * as z from '../../../zod'

const getSourceSecretOut = documentedObject(null, () => ({ secret: z.string().nullable() }))

export const getSourceSecret = action({
  call: 'GET /api/sources/{id}/secret',
  ...doc({ summary: "Get a source's secret", noTool: 'secret' }),
  gives: { 200: json(getSourceSecretOut, doc('The secret, or null if there is none.')) },
  run: async ({ env, params }) => openSource(env, await requireSource(env, params.id)),
  show: ({ current = null }) => ({ secret: current }),
})
