import * as z from 'zod'
import { action, json } from '../../../kit/operation'
import { requireSource } from '../../../webhooks/sources/manage'
import { openSource } from '../../../webhooks/sources/secrets'

const getSourceSecretOut = z.object({ secret: z.string().nullable() })

export const getSourceSecret = action({
  call: 'GET /api/sources/{id}/secret',
  may: 'secrets',
  summary: "Get a source's secret",
  noTool: 'secret',
  gives: { 200: json(getSourceSecretOut, 'The secret, or null if there is none.') },
  run: async ({ env, params }) => openSource(env, await requireSource(env, params.id)),
  show: ({ current = null }) => ({ secret: current }),
})
