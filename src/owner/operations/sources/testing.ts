import { hasScope, requireAlso } from '../../../access/rights'
import { invalid } from '../../../kit/http/problem'
import { firstIdAt } from '../../../kit/lib/ids'
import { action, described, doc, documented, json } from '../../../kit/operation'
import { sendSample } from '../../../webhooks/receive/accept/sample'
import { processFailed } from '../../../webhooks/receive/process/reprocess'
import { requireSource } from '../../../webhooks/sources/manage'
import { entryTemplate, templateOf } from '../../../webhooks/sources/schemas'
import * as z from '../../../zod'
import { pathOf, showSourceAgain } from '../../sources/pages'
import { previewEntry } from '../../sources/preview'

const sampleIn = z
  .strictObject({ body: z.string().max(65_536).optional().openapi(described('Replaces the body of the sample.')) })
  .openapi(doc('SampleIn'))

const sendSampleToSourceOut = documented(null, () => z.object({ id: z.string() }))

export const sendSampleToSource = action({
  call: 'POST /api/sources/{id}/sample',
  act: 'source.sampled',
  ...doc({
    summary: 'Send a sample to a source',
    description: "Sends a signed sample in the provider's format. The sample is treated like a real request.",
    noTool: 'rare',
  }),
  takes: sampleIn,
  isOptional: true,
  gives: { 202: json(sendSampleToSourceOut, doc('The ID of the request.')) },
  run: async ({ env, now, params, linkOrigin }, { body }) =>
    sendSample(env, await requireSource(env, params.id), { origin: linkOrigin(), body }, now),
  show: ({ id }) => ({ id }),
  form: { at: '/sources/:id/sample', next: ({ id }) => `/admin/inbound/${id}`, refused: showSourceAgain },
})

const ABOUT_REQUEST = described(
  "The request to render. Defaults to the latest one, or to the provider's sample if there is none. A key without the scope `read` gets the sample."
)

const previewIn = z
  .strictObject({
    template: entryTemplate.optional(),
    inbound_id: z.string().max(100).optional().openapi(ABOUT_REQUEST),
  })
  .openapi(doc('PreviewIn'))

const previewOut = documented('Preview', () =>
  z.object({
    holds: z.boolean().openapi(described('Whether the condition is true.')),
    name: z.string().nullable(),
    body: z.string().nullable(),
    website: z.string().nullable(),
    errors: z.array(z.string()),
    inbound_id: z.string().nullable(),
  })
)

export const previewTemplate = action({
  call: 'POST /api/sources/{id}/preview',
  act: null,
  ...doc({
    summary: 'Preview an entry template',
    description: "Renders the source's template, or the template in the request. Nothing is added to the guestbook.",
    noTool: 'setup',
    noForm: 'The form has a preview of its own: see owner/sources/pages.tsx.',
  }),
  takes: previewIn,
  gives: { 200: json(previewOut, doc('The rendered entry.')) },
  run: async (asked, { inbound_id, template: given }) => {
    const row = await requireSource(asked.env, asked.params.id)
    const template = given ?? templateOf(row)
    if (!template) throw invalid([{ path: 'template', message: 'Required, because this source has no template.' }])
    // A template can copy all that a message contains into the preview.
    if (inbound_id !== undefined) requireAlso(asked, 'read')
    const shown = hasScope(asked, 'read') ? inbound_id : null
    return previewEntry(asked.env, row, template, shown, asked.now)
  },
  show: (preview) => preview,
})

const failedIn = z.strictObject({ status: z.literal('failed').default('failed') }).openapi(doc('SourceReplay'))

const replaySourceOut = documented(null, () => z.object({ count: z.int(), has_more: z.boolean() }))

export const replaySource = action({
  call: 'POST /api/sources/{id}/replay',
  act: 'source.reprocessed',
  ...doc({
    summary: "Reprocess a source's failed requests",
    description:
      'Use this after you have fixed the secret or the template. Reprocesses up to 5,000 requests per call, oldest first.',
    noTool: 'rare',
  }),
  takes: failedIn,
  isOptional: true,
  gives: { 202: json(replaySourceOut, doc('The requests have been queued.')) },
  run: async ({ env, now, params }) => {
    const { id } = await requireSource(env, params.id)
    // The range of ids ends at the current time, so messages that arrive and fail in the meantime are not included.
    return processFailed(env, id, firstIdAt('in', now + 1), now)
  },
  show: (queued) => queued,
  form: { at: '/sources/:id/replay', next: (_, { asked }) => pathOf(asked.params.id, 'replayed') },
})
