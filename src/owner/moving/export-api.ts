import * as z from 'zod'
import { readAtMost } from '../../kit/http/json-body'
import { json, OWNER, problems } from '../../kit/http/openapi'
import { Refusal } from '../../kit/http/problem'
import { ApiRouter, createRoute } from '../../kit/http/router'
import { decodeUtf8 } from '../../kit/lib/bytes'
import { noteNoChange } from '../../kit/note-act'
import { exportLines, toNdjson } from './exporting/export'
import { MAX_RESTORE_BYTES, restoreLines } from './exporting/restore'
import { readBackupKey } from './exporting/seal-secrets'

const base = { tags: ['Moving'], security: OWNER }
export const NDJSON = 'application/x-ndjson; charset=utf-8'

/** @returns the headers of a download */
export function asFile(name: string) {
  return { 'Content-Type': NDJSON, 'Content-Disposition': `attachment; filename="${name}"` }
}

const ndjson = { 'application/x-ndjson': { schema: z.string() } }
const backupKey = z.object({
  'x-backup-key': z
    .string()
    .optional()
    .describe('A 32-byte key in base64, which encrypts the secrets in the export. Needs ADMIN_TOKEN.'),
})

/** `/api/export` and `/api/restore`, for the owner: see `requireOwner` in app.tsx. */
export const exportApi = new ApiRouter()

exportApi.openapi(
  createRoute({
    method: 'get',
    path: '/export',
    request: {
      headers: backupKey,
      query: z.object({
        cursor: z.string().max(500).optional(),
        include: z
          .enum(['log'])
          .optional()
          .describe(
            '`log` adds messages, deliveries, and requests without their bodies. These records cannot be restored.'
          ),
      }),
    },
    ...base,
    summary: 'Export everything',
    description:
      'One JSON object per line: settings, event types, books, their pictures, endpoints, sources, entries of any status, and webmentions. The last line ' +
      'is `{"type":"next","cursor":...}` if there is more, and `{"type":"end"}` otherwise. `npm run backup` follows the cursors.',
    responses: {
      200: { description: 'The export as newline-delimited JSON (`application/x-ndjson`).' },
      ...problems([400, 401, 403, 422, 503]),
    },
  }),
  async (c) => {
    const { cursor, include } = c.req.valid('query')
    const request = { cursor, withLog: include === 'log', key: readBackupKey(c) }
    const lines = toNdjson(await exportLines(c.env, request, c.get('now')))
    return c.body(lines, 200, { 'Content-Type': NDJSON })
  }
)

exportApi.openapi(
  createRoute({
    method: 'post',
    path: '/restore',
    request: {
      headers: backupKey,
      query: z.object({
        id: z.string().min(8).max(100),
        check: z.enum(['true']).optional().describe('If `true`, only checks the lines: nothing is written.'),
      }),
      body: { required: true, content: ndjson },
    },
    ...base,
    summary: 'Restore a part of an export',
    description:
      'The deployment must be empty. `npm run restore` sends a file in parts, in order, all with the same `id`. It sends ' +
      'each part twice: first to check it, then to restore it.',
    responses: {
      200: json(z.object({ restored: z.record(z.string(), z.int()) }), 'How many lines were restored, by type.'),
      ...problems([400, 401, 403, 409, 413, 422, 503]),
    },
  }),
  async (c) => {
    const text = decodeUtf8(await readAtMost(c, MAX_RESTORE_BYTES))
    if (text === null) throw new Refusal(400, 'not_utf8', 'The body is not valid UTF-8.')
    const { id, check } = c.req.valid('query')
    if (check) noteNoChange(c)
    const request = { id, isCheck: check === 'true', key: readBackupKey(c) }
    const restored = await restoreLines(c.env, request, text, c.get('now'))
    return c.json({ restored }, 200)
  }
)
