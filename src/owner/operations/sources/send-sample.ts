import * as z from 'zod'
import { hasScope } from '../../../access/rights'
import { action, bodyOf, json } from '../../../kit/operation'
import { sendSample } from '../../../webhooks/receive/accept/sample'
import { requireSource } from '../../../webhooks/sources/manage'
import { showSourceAgain } from '../../sources/pages'

const sampleIn = bodyOf('SampleIn', {
  body: z.string().max(65_536).optional().describe('Replaces the body of the sample.'),
})

const sendSampleToSourceOut = z.object({ id: z.string() })

export const sendSampleToSource = action({
  call: 'POST /api/sources/{id}/sample',
  may: 'write',
  act: 'source.sampled',
  summary: 'Send a sample to a source',
  description:
    "Sends a signed sample in the provider's format. The sample is treated like a real request. If the key does not have the scope `secrets`, the sample gets a random secret of its own, and is verified with that.",
  noTool: 'rare',
  takes: sampleIn,
  isOptional: true,
  gives: { 202: json(sendSampleToSourceOut, 'The ID of the request.') },
  run: async ({ env, now, params, linkOrigin, ...caller }, { body }) => {
    const maySign = hasScope(caller, 'secrets')
    return sendSample(env, await requireSource(env, params.id), { origin: linkOrigin(), body, maySign }, now)
  },
  show: ({ id }) => ({ id }),
  form: { at: '/sources/:id/sample', next: ({ id }) => `/admin/inbound/${id}`, refused: showSourceAgain },
})
