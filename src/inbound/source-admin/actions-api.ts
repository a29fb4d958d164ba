import { createRoute, z } from '@hono/zod-openapi'
import { described, doc } from '#doc'
import { callerOf, hasScope, requireAlso } from '../../access/rights'
import { firstIdAt } from '../../core/lib/ids'
import { apiRouter, json, jsonRequest, OWNER, problems } from '../../http/openapi'
import { publicOrigin } from '../../http/origin'
import { invalid } from '../../http/problem'
import { processFailed } from '../process/reprocess'
import { sendSample } from '../receive/sample'
import { entryTemplate, templateOf } from '../sources/schemas'
import { requireSource } from './manage'
import { previewEntry } from './preview'

const params = z.object({ id: z.string().max(100) })
const base = { tags: ['Sources'], security: OWNER }

/** `/api/sources/{id}/...`: samples, replays and previews. Protected by `requireOwner` in app.tsx. */
export const sourceActionsApi = apiRouter()

const sampleIn = z
  .strictObject({
    body: z.string().max(65_536).optional().openapi(described('Replaces the body of the sample.')),
  })
  .openapi('SampleIn')

sourceActionsApi.openapi(
  createRoute({
    ...base,
    method: 'post',
    path: '/{id}/sample',
    summary: doc('Send a sample to a source'),
    description: doc("Sends a signed sample in the provider's format. The sample is treated like a real message."),
    request: { params, body: jsonRequest(sampleIn, false) },
    responses: {
      202: json(z.object({ id: z.string() }), doc('The ID of the inbound message.')),
      ...problems(400, 401, 404, 422),
    },
  }),
  async (c) => {
    const row = await requireSource(c.env, c.req.valid('param').id)
    const { body } = sampleIn.parse(c.req.valid('json') ?? {})
    const { id } = await sendSample(c.env, row, { origin: publicOrigin(c), body }, Date.now())
    return c.json({ id }, 202)
  }
)

const failedIn = z.strictObject({ status: z.literal('failed').default('failed') }).openapi('SourceReplay')

sourceActionsApi.openapi(
  createRoute({
    ...base,
    method: 'post',
    path: '/{id}/replay',
    summary: doc("Reprocess a source's failed messages"),
    description: doc(
      'Use this after you have fixed the secret or the template. Reprocesses up to 5,000 messages per call, oldest first.'
    ),
    request: { params, body: jsonRequest(failedIn, false) },
    responses: {
      202: json(z.object({ count: z.int(), has_more: z.boolean() }), doc('The messages have been queued.')),
      ...problems(400, 401, 404, 422),
    },
  }),
  async (c) => {
    const now = Date.now()
    const { id } = await requireSource(c.env, c.req.valid('param').id)
    // The range of ids ends at the current time, so messages that arrive and fail in the meantime are not included.
    return c.json(await processFailed(c.env, id, firstIdAt('in', now + 1), now), 202)
  }
)

const previewIn = z
  .strictObject({
    template: entryTemplate.optional(),
    inbound_id: z
      .string()
      .max(100)
      .optional()
      .openapi(
        described(
          "The message to render. Defaults to the latest one, or to the provider's sample if there is none. A key without the scope `read` gets the sample."
        )
      ),
  })
  .openapi('PreviewIn')

const previewOut = z
  .object({
    holds: z.boolean().openapi(described('Whether the condition is true.')),
    name: z.string().nullable(),
    body: z.string().nullable(),
    website: z.string().nullable(),
    errors: z.array(z.string()),
    inbound_id: z.string().nullable(),
  })
  .openapi('Preview')

sourceActionsApi.openapi(
  createRoute({
    ...base,
    method: 'post',
    path: '/{id}/preview',
    summary: doc('Preview an entry template'),
    description: doc(
      "Renders the source's template, or the template in the request. Nothing is added to the guestbook."
    ),
    request: { params, body: jsonRequest(previewIn) },
    responses: { 200: json(previewOut, doc('The rendered entry.')), ...problems(400, 401, 404, 422) },
  }),
  async (c) => {
    const row = await requireSource(c.env, c.req.valid('param').id)
    const { inbound_id, template = templateOf(row) } = c.req.valid('json')
    const message = 'Required, because this source has no template.'
    if (!template) throw invalid([{ path: 'template', message }])
    // A template can copy all that a message contains into the preview.
    if (inbound_id !== undefined) requireAlso(callerOf(c), 'read')
    const shown = hasScope(callerOf(c), 'read') ? inbound_id : null
    return c.json(await previewEntry(c.env, row, template, shown, Date.now()), 200)
  }
)
