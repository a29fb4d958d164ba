import { action, described, doc, documented, json } from '../../../kit/operation'
import { sendSample } from '../../../webhooks/receive/accept/sample'
import { requireSource } from '../../../webhooks/sources/manage'
import * as z from '../../../zod'
import { showSourceAgain } from '../../sources/pages'

const sampleIn = z
  .strictObject({
    body: z.string().max(65_536).optional().openapi(described('Replaces the body of the sample.')),
  })
  .openapi(doc('SampleIn'))

export const sendSampleToSource = action({
  call: 'POST /api/sources/{id}/sample',
  act: 'source.sampled',
  ...doc({
    tag: 'Sources',
    summary: 'Send a sample to a source',
    description: "Sends a signed sample in the provider's format. The sample is treated like a real request.",
    refusals: [400, 401, 404, 422],
    noTool: 'rare',
  }),
  takes: sampleIn,
  isOptional: true,
  gives: {
    202: json(
      documented(null, () => z.object({ id: z.string() })),
      doc('The ID of the request.')
    ),
  },
  run: async ({ env, now, params, linkOrigin }, { body }) =>
    sendSample(env, await requireSource(env, params.id), { origin: linkOrigin(), body }, now),
  show: ({ id }) => ({ id }),
  form: {
    at: '/sources/:id/sample',
    next: ({ id }) => `/admin/inbound/${id}`,
    refused: showSourceAgain,
  },
})
