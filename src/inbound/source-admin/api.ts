import { createRoute, z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { doc } from '#doc'
import { callerOf, sightOf } from '../../access/rights'
import { MAX_FORMER } from '../../core/signing/rotation'
import type { HonoEnv } from '../../env'
import { acceptOnce, firstAnswerOr } from '../../http/idempotency'
import { apiRouter, idempotencyKey, json, jsonRequest, OWNER, problems } from '../../http/openapi'
import { publicOrigin } from '../../http/origin'
import { listQuery, pageOf, readCursor, toPage } from '../../http/pagination'
import { secretRotation, sourceChange, sourceFor, sourceIn, sourceOut, toSourceOut, urlOf } from '../sources/schemas'
import { openSource, tryToOpen } from '../sources/secrets'
import { listSources, type SourceRow } from '../sources/store'
import {
  changeSource,
  deleteSource,
  planSource,
  refuseIfFull,
  renewAddress,
  requireSource,
  rotateSourceSecret,
} from './manage'

const params = z.object({ id: z.string().max(100) })
const base = { tags: ['Sources'], security: OWNER }

/** The maximum request size. A sample can have 65,536 characters, and JSON escapes can make it four times as long. */
export const MAX_SOURCE_BYTES = 256 * 1_024
const one = json(sourceOut, doc('The source.'))

/** `/api/sources`, protected by `requireOwner` in app.tsx: create, read, update and delete. See also actions-api.ts. */
export const sourcesApi = apiRouter()

async function show(c: Context<HonoEnv>, row: SourceRow, now: number) {
  return sourceFor(toSourceOut(row, await openSource(c.env, row), publicOrigin(c), now), sightOf(callerOf(c)))
}

/** A source whose secrets cannot be read is listed without its URL, so that the other sources can still be listed. */
async function showListed(c: Context<HonoEnv>, row: SourceRow, now: number) {
  const secrets = await tryToOpen(c.env, row)
  const shown = sourceFor(toSourceOut(row, secrets ?? { token: '' }, publicOrigin(c), now), sightOf(callerOf(c)))
  return secrets === null ? { ...shown, url: '' } : shown
}

sourcesApi.openapi(
  createRoute({
    ...base,
    method: 'post',
    path: '/',
    summary: doc('Create a source'),
    description: doc("The response contains the webhook URL. Enter it in the provider's settings."),
    request: { headers: idempotencyKey, body: jsonRequest(sourceIn) },
    responses: { 201: json(sourceOut, doc('The new source.')), ...problems(400, 401, 409, 410, 422) },
  }),
  async (c) => {
    const now = Date.now()
    return firstAnswerOr(c, 'sources', async () => {
      const { row, secrets, statements } = await planSource(c.env, c.req.valid('json'), now)
      const body = toSourceOut(row, secrets, publicOrigin(c), now)
      const acceptance = { status: 201 as const, body, subject: row.id, statements }
      return (await refuseIfFull(() => acceptOnce(c, 'sources', acceptance, now))).response
    })
  }
)

sourcesApi.openapi(
  createRoute({
    ...base,
    method: 'get',
    path: '/',
    summary: doc('List sources, newest first'),
    request: { query: listQuery },
    responses: { 200: json(pageOf(sourceOut, 'SourcePage'), doc('A page of sources.')), ...problems(400, 401, 422) },
  }),
  async (c) => {
    const { limit, cursor } = c.req.valid('query')
    const rows = await listSources(c.env, readCursor('src', cursor), limit + 1)
    const { data, next } = toPage(rows, limit)
    const now = Date.now()
    return c.json({ data: await Promise.all(data.map((row) => showListed(c, row, now))), next }, 200)
  }
)

sourcesApi.openapi(
  createRoute({
    ...base,
    method: 'get',
    path: '/{id}',
    summary: doc('Retrieve a source'),
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
    summary: doc('Update, pause or resume a source'),
    description: doc(
      'While a source is paused, its messages are stored. They are processed when the source is resumed.'
    ),
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
    summary: doc('Delete a source'),
    description: doc(
      'The URL stops working within a minute, and no further messages are processed. Stored messages are kept for their retention period.'
    ),
    request: { params },
    responses: { 204: { description: doc('The source was deleted.') }, ...problems(401, 404, 409) },
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
    summary: doc("Retrieve a source's secret"),
    request: { params },
    responses: {
      200: json(z.object({ secret: z.string().nullable() }), doc('The secret, or null if there is none.')),
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
    summary: doc("Rotate a source's secret"),
    description: doc(
      `The old secret remains valid for \`grace_seconds\`. Up to ${MAX_FORMER} old secrets may be valid; another rotation is refused with 409, unless \`grace_seconds\` is 0.`
    ),
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
    summary: doc("Rotate a source's URL"),
    description: doc('The old URL stops working within a minute. Use this if the URL has leaked.'),
    request: { params },
    responses: { 200: one, ...problems(401, 404, 409) },
  }),
  async (c) => {
    const now = Date.now()
    const row = await renewAddress(c.env, c.req.valid('param').id, now)
    // The caller who created the new URL may see it.
    const url = urlOf(await openSource(c.env, row), publicOrigin(c))
    return c.json({ ...(await show(c, row, now)), url }, 200)
  }
)
