import { createRoute, z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { firstIdAt } from '../../core/lib/ids'
import type { HonoEnv } from '../../env'
import { acceptOnce, firstAnswerOr } from '../../http/idempotency'
import { apiRouter, idempotencyKey, json, jsonRequest, OWNER, problems } from '../../http/openapi'
import { publicOrigin } from '../../http/origin'
import { listQuery, pageOf, readCursor, toPage } from '../../http/pagination'
import { invalid } from '../../http/problem'
import { processFailed } from '../process/reprocess'
import { sendSample } from '../receive/sample'
import {
  entryTemplate,
  secretRotation,
  sourceChange,
  sourceIn,
  sourceOut,
  templateOf,
  toSourceOut,
} from '../sources/schemas'
import { openSource, tryToOpen } from '../sources/secrets'
import { listSources, type SourceRow } from '../sources/store'
import {
  changeSource,
  deleteSource,
  planSource,
  renewAddress,
  requireSource,
  rotateSourceSecret,
} from './manage'
import { previewEntry } from './preview'

const params = z.object({ id: z.string().max(100) })
const base = { tags: ['Sources'], security: OWNER }
const one = json(sourceOut, 'As it is now.')

/** `/api/sources`: the owner's; see `requireOwner` in app.tsx. */
export const sourcesApi = apiRouter()

async function show(c: Context<HonoEnv>, row: SourceRow, now: number) {
  return toSourceOut(row, await openSource(c.env, row), publicOrigin(c), now)
}

/** In a list, one whose box does not open must not hide the others. */
async function showListed(c: Context<HonoEnv>, row: SourceRow, now: number) {
  const secrets = await tryToOpen(c.env, row)
  const shown = toSourceOut(row, secrets ?? { token: '' }, publicOrigin(c), now)
  return secrets === null ? { ...shown, url: '' } : shown
}

sourcesApi.openapi(
  createRoute({
    ...base,
    method: 'post',
    path: '/',
    summary: 'Add a source',
    description: 'Its URL is in the answer: give it to the provider.',
    request: { headers: idempotencyKey, body: jsonRequest(sourceIn) },
    responses: { 201: json(sourceOut, 'Added.'), ...problems(400, 401, 409, 422) },
  }),
  async (c) => {
    const now = Date.now()
    return firstAnswerOr(c, 'sources', async () => {
      const { row, secrets, statements } = await planSource(c.env, c.req.valid('json'), now)
      const body = toSourceOut(row, secrets, publicOrigin(c), now)
      return (await acceptOnce(c, 'sources', { status: 201, body, statements }, now)).response
    })
  }
)

sourcesApi.openapi(
  createRoute({
    ...base,
    method: 'get',
    path: '/',
    summary: 'List sources, newest first',
    request: { query: listQuery },
    responses: {
      200: json(pageOf(sourceOut, 'SourcePage'), 'A page.'),
      ...problems(400, 401, 422),
    },
  }),
  async (c) => {
    const { limit, cursor } = c.req.valid('query')
    const rows = await listSources(c.env, readCursor('src', cursor), limit + 1)
    const { data, next } = toPage(rows, limit, (row) => row.id)
    const now = Date.now()
    return c.json(
      { data: await Promise.all(data.map((row) => showListed(c, row, now))), next },
      200
    )
  }
)

sourcesApi.openapi(
  createRoute({
    ...base,
    method: 'get',
    path: '/{id}',
    summary: 'Show a source',
    request: { params },
    responses: { 200: one, ...problems(401, 404, 503) },
  }),
  async (c) => {
    const row = await requireSource(c.env, c.req.valid('param').id)
    return c.json(await show(c, row, Date.now()), 200)
  }
)

sourcesApi.openapi(
  createRoute({
    ...base,
    method: 'patch',
    path: '/{id}',
    summary: 'Change, pause or resume a source',
    description: 'While it is paused, what comes is kept, and dealt with when it goes on.',
    request: { params, body: jsonRequest(sourceChange) },
    responses: { 200: one, ...problems(400, 401, 404, 409, 422, 503) },
  }),
  async (c) => {
    const now = Date.now()
    const row = await changeSource(c.env, c.req.valid('param').id, c.req.valid('json'), now)
    return c.json(await show(c, row, now), 200)
  }
)

sourcesApi.openapi(
  createRoute({
    ...base,
    method: 'delete',
    path: '/{id}',
    summary: 'Delete a source',
    description:
      'Nothing that comes is acted upon any more; its URL is dead within a minute. What it received stays until it is old.',
    request: { params },
    responses: { 204: { description: 'Deleted.' }, ...problems(401, 404, 409) },
  }),
  async (c) => {
    await deleteSource(c.env, c.req.valid('param').id, Date.now())
    return c.body(null, 204)
  }
)

sourcesApi.openapi(
  createRoute({
    ...base,
    method: 'get',
    path: '/{id}/secret',
    summary: 'Show the secret of a source',
    request: { params },
    responses: {
      200: json(z.object({ secret: z.string().nullable() }), 'As it was entered, or given.'),
      ...problems(401, 404),
    },
  }),
  async (c) => {
    const row = await requireSource(c.env, c.req.valid('param').id)
    const { current = null } = await openSource(c.env, row)
    return c.json({ secret: current }, 200)
  }
)

sourcesApi.openapi(
  createRoute({
    ...base,
    method: 'post',
    path: '/{id}/secret/rotate',
    summary: 'Change the secret of a source, with overlap',
    description: 'Until the grace is over, what the old one signed passes too.',
    request: { params, body: jsonRequest(secretRotation) },
    responses: { 200: one, ...problems(400, 401, 404, 409, 422, 503) },
  }),
  async (c) => {
    const now = Date.now()
    const row = await rotateSourceSecret(c.env, c.req.valid('param').id, c.req.valid('json'), now)
    return c.json(await show(c, row, now), 200)
  }
)

sourcesApi.openapi(
  createRoute({
    ...base,
    method: 'post',
    path: '/{id}/url/rotate',
    summary: 'Give a source another URL',
    description: 'The old one is dead within a minute. For when it has got about.',
    request: { params },
    responses: { 200: one, ...problems(401, 404, 409) },
  }),
  async (c) => {
    const now = Date.now()
    const row = await renewAddress(c.env, c.req.valid('param').id, now)
    return c.json(await show(c, row, now), 200)
  }
)

const sampleIn = z
  .strictObject({
    body: z.string().max(65_536).optional().openapi({ description: "Instead of the provider's." }),
  })
  .openapi('SampleIn')

sourcesApi.openapi(
  createRoute({
    ...base,
    method: 'post',
    path: '/{id}/sample',
    summary: 'Send a signed sample to a source',
    description:
      'As the provider would send it, through the same path: what the source does with such a one, it does.',
    request: { params, body: jsonRequest(sampleIn, false) },
    responses: {
      202: json(z.object({ id: z.string() }), 'Received; see GET /api/inbound/{id}.'),
      ...problems(400, 401, 404, 422),
    },
  }),
  async (c) => {
    const row = await requireSource(c.env, c.req.valid('param').id)
    const { body } = sampleIn.parse(c.req.valid('json') ?? {})
    const sent = await sendSample(c.env, row, { origin: publicOrigin(c), body }, Date.now())
    return c.json({ id: sent.id }, 202)
  }
)

const failedIn = z
  .strictObject({ status: z.literal('failed').default('failed') })
  .openapi('SourceReplay')

sourcesApi.openapi(
  createRoute({
    ...base,
    method: 'post',
    path: '/{id}/replay',
    summary: 'Process again all that failed of a source',
    description: 'After its secret or its template was mended. Up to 5,000 a call, oldest first.',
    request: { params, body: jsonRequest(failedIn, false) },
    responses: {
      202: json(z.object({ count: z.int(), has_more: z.boolean() }), 'They are new again.'),
      ...problems(400, 401, 404, 422),
    },
  }),
  async (c) => {
    const now = Date.now()
    const { id } = await requireSource(c.env, c.req.valid('param').id)
    // What fails again meanwhile is not taken twice: only what had come by now.
    return c.json(await processFailed(c.env, id, firstIdAt('in', now + 1), now), 202)
  }
)

const previewIn = z
  .strictObject({ template: entryTemplate.optional(), inbound_id: z.string().max(100).optional() })
  .openapi('PreviewIn')
const previewOut = z
  .object({
    holds: z.boolean().openapi({ description: 'Whether the condition holds.' }),
    name: z.string().nullable(),
    body: z.string().nullable(),
    website: z.string().nullable(),
    errors: z.array(z.string()),
    inbound_id: z.string().nullable(),
  })
  .openapi('Preview')

sourcesApi.openapi(
  createRoute({
    ...base,
    method: 'post',
    path: '/{id}/preview',
    summary: 'Try a template out',
    description:
      "With a stored message, the latest when none is named, or with the provider's sample. Nothing is signed.",
    request: { params, body: jsonRequest(previewIn) },
    responses: {
      200: json(previewOut, 'What it would give.'),
      ...problems(400, 401, 404, 422),
    },
  }),
  async (c) => {
    const row = await requireSource(c.env, c.req.valid('param').id)
    const { inbound_id, template = templateOf(row) } = c.req.valid('json')
    if (!template) throw invalid([{ path: 'template', message: 'The source has none: give one.' }])
    return c.json(await previewEntry(c.env, row, template, inbound_id, Date.now()), 200)
  }
)
