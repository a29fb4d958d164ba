import type { Context } from 'hono'
import { doc } from '#doc'
import type { HonoEnv } from '../../env'
import { MAIN_BOOK } from '../../guestbook/books/book'
import { readBook } from '../../guestbook/books/cache'
import { freshId } from '../../kit/db/ids'
import { readAtMost } from '../../kit/http/json-body'
import { json, OWNER, problems } from '../../kit/http/openapi'
import { publicOrigin } from '../../kit/http/origin'
import { listQuery, pageOf, readCursor, toPage } from '../../kit/http/pagination'
import { notFound } from '../../kit/http/problem'
import { ApiRouter, createRoute } from '../../kit/http/router'
import { inMib } from '../../kit/lib/amounts'
import * as z from '../../zod'
import { MAX_IMPORT_BYTES } from '../rules/importing/limits'
import { endImport, findImport, type ImportRow, listImports } from './importing/store'
import { startUpload } from './importing/upload'
import { importOut, importQuery, toImport } from './schemas'

const params = z.object({ id: z.string().max(100) })
const base = { tags: ['Moving'], security: OWNER }
const file = { 'application/octet-stream': { schema: z.string().openapi(doc({ type: 'string', format: 'binary' })) } }

/** `/api/import`, for the owner: see `requireOwner` in app.tsx. */
export const importApi = new ApiRouter()

importApi.openapi(
  createRoute({
    method: 'post',
    path: '/',
    request: { query: importQuery, body: { required: true, content: file } },
    ...doc(() => ({
      ...base,
      summary: 'Import entries from a file',
      description:
        `The body is NDJSON, up to ${inMib(MAX_IMPORT_BYTES)}: an export, or other entries. It can have any content type, and be ` +
        'compressed with gzip. The dashboard and `npm run import` make it of files of other systems. The import runs as a job. ' +
        'What has been imported is never imported again, so a request can be repeated. One import runs at a time.',
      responses: { 202: json(importOut, 'The import that was started.'), ...problems([401, 404, 409, 413, 422]) },
    })),
  }),
  async (c) => c.json(toImport(await importBody(c, c.req.valid('query'))), 202)
)

importApi.openapi(
  createRoute({
    method: 'get',
    path: '/',
    request: { query: listQuery },
    ...doc(() => ({
      ...base,
      summary: 'List imports, newest first',
      responses: {
        200: json(pageOf(importOut, 'ImportPage'), 'A page of imports.'),
        ...problems([400, 401, 422]),
      },
    })),
  }),
  async (c) => {
    const { limit, cursor } = c.req.valid('query')
    const { data, next } = toPage(await listImports(c.env, readCursor('imp', cursor), limit + 1), limit)
    return c.json({ data: data.map(toImport), next }, 200)
  }
)

importApi.openapi(
  createRoute({
    method: 'get',
    path: '/{id}',
    request: { params },
    ...doc(() => ({
      ...base,
      summary: 'Get an import',
      responses: { 200: json(importOut, 'The import and its progress.'), ...problems([401, 404]) },
    })),
  }),
  async (c) => c.json(toImport(await requireImport(c.env, c.req.valid('param').id)), 200)
)

importApi.openapi(
  createRoute({
    method: 'post',
    path: '/{id}/cancel',
    request: { params },
    ...doc(() => ({
      ...base,
      summary: 'Cancel an import',
      description: 'Entries that are already imported stay. An import that has ended is not changed.',
      responses: { 200: json(importOut, 'The import.'), ...problems([401, 404]) },
    })),
  }),
  async (c) => c.json(toImport(await cancelImport(c.env, c.req.valid('param').id, c.get('now'))), 200)
)

/** Starts the import of the lines in the body. @throws Refusal 404, 409, 413 or 422 */
export async function importBody(c: Context<HonoEnv>, query: z.infer<typeof importQuery>) {
  const { format = 'guesthook', book = MAIN_BOOK } = query
  await readBook(c.env, book, c.get('now'))
  const bytes = await readAtMost(c, MAX_IMPORT_BYTES)
  const flags = { dry_run: query.dry_run === 'true', webhooks: query.webhooks === 'true' }
  return startUpload(c.env, bytes, { format, book, ...flags, origin: publicOrigin(c) }, c.get('now'))
}

/** @throws Refusal 404 */
export async function requireImport(env: Env, id: string): Promise<ImportRow> {
  const row = await findImport(env, id)
  if (!row) throw notFound('import')
  return row
}

/** Ends an import that has not ended yet. @throws Refusal 404 */
export async function cancelImport(env: Env, id: string, now: number): Promise<ImportRow> {
  await requireImport(env, id)
  await endImport(env, id, { state: 'canceled', rev: freshId('imp', now), error: null }, now)
  return requireImport(env, id)
}
