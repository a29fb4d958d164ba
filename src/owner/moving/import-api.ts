import type { Context } from 'hono'
import * as z from 'zod'
import type { HonoEnv } from '../../env'
import { MAIN_BOOK } from '../../guestbook/books/book'
import { readBook } from '../../guestbook/books/cache'
import { readAtMost } from '../../kit/http/json-body'
import { json, OWNER, problems } from '../../kit/http/openapi'
import { publicOrigin } from '../../kit/http/origin'
import { orNotFound } from '../../kit/http/problem'
import { ApiRouter, createRoute } from '../../kit/http/router'
import { inMib } from '../../kit/lib/amounts'
import { noteNoChange } from '../../kit/note-act'
import { MAX_IMPORT_BYTES } from '../rules/importing/limits'
import { findImport, type ImportRow } from './importing/store'
import { startUpload } from './importing/upload'
import { importOut, importQuery, toImport } from './schemas'

const file = { 'application/octet-stream': { schema: z.string().meta({ type: 'string', format: 'binary' }) } }

/** `POST /api/import`, for the owner: see `requireOwner` in app.tsx. The other calls are operations. */
export const importApi = new ApiRouter()

importApi.openapi(
  createRoute({
    method: 'post',
    path: '/',
    request: { query: importQuery, body: { required: true, content: file } },
    tags: ['Moving'],
    security: OWNER,
    summary: 'Import entries from a file',
    description:
      `The body is NDJSON, up to ${inMib(MAX_IMPORT_BYTES)}: an export, or entries from another system. It can have any content type, and can be ` +
      'compressed with gzip. The dashboard and `npm run import` convert files from other systems. The import runs as a job. ' +
      'No entry is imported twice, so you can repeat a request. Only one import can run at a time.',
    responses: { 202: json(importOut, 'The import that was started.'), ...problems([401, 404, 409, 413, 422]) },
  }),
  async (c) => c.json(toImport(await importBody(c, c.req.valid('query'))), 202)
)

/** Starts the import of the lines in the body. @throws Refusal 404, 409, 413 or 422 */
export async function importBody(c: Context<HonoEnv>, query: z.infer<typeof importQuery>) {
  const { format = 'guesthook', book = MAIN_BOOK } = query
  await readBook(c.env, book, c.get('now'))
  const bytes = await readAtMost(c, MAX_IMPORT_BYTES)
  if (query.dry_run === 'true') noteNoChange(c)
  const flags = { dry_run: query.dry_run === 'true', webhooks: query.webhooks === 'true' }
  return startUpload(c.env, bytes, { format, book, ...flags, origin: publicOrigin(c) }, c.get('now'))
}

/** @throws Refusal 404 */
export async function requireImport(env: Env, id: string): Promise<ImportRow> {
  return orNotFound(await findImport(env, id), 'import')
}
