import { action, doc, documented, json } from '../../../kit/operation'
import { requireSource } from '../../../webhooks/sources/manage'
import { openSource } from '../../../webhooks/sources/secrets'
import * as z from '../../../zod'

export const getSourceSecret = action({
  call: 'GET /api/sources/{id}/secret',
  ...doc({ tag: 'Sources', summary: "Get a source's secret", refusals: [401, 404], noTool: 'secret' }),
  gives: {
    200: json(
      documented(null, () => z.object({ secret: z.string().nullable() })),
      doc('The secret, or null if there is none.')
    ),
  },
  run: async ({ env, params }) => openSource(env, await requireSource(env, params.id)),
  show: ({ current = null }) => ({ secret: current }),
})
