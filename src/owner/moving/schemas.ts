import * as z from 'zod'
import { iso } from '../../kit/http/pagination'
import { IMPORT_FORMATS } from '../rules/importing/records'
import { type ImportRow, reportOf } from './importing/store'

const flag = z.enum(['true', 'false']).optional()

export const importQuery = z.object({
  format: z.enum(IMPORT_FORMATS).optional().describe('Which system the entries come from. Defaults to `guesthook`.'),
  book: z.string().max(100).optional().describe('The slug of the book. Defaults to `main`.'),
  dry_run: flag.describe('If `true`, the import only reports what it would do, and writes no entries.'),
  webhooks: flag.describe(
    'If `true`, publishes a `comment.published` event for each imported entry that appears on the page.'
  ),
})

const count = z.int()

export const importOut = z
  .object({
    id: z.string(),
    state: z.enum(['uploading', 'running', 'done', 'canceled', 'failed']),
    format: z.enum(IMPORT_FORMATS),
    book: z.string(),
    dry_run: z.boolean(),
    webhooks: z.boolean(),
    size: count.describe('The size of the unpacked file, in bytes.'),
    position: count.describe('How many bytes have been read.'),
    read: count.describe('How many records were found.'),
    imported: count.describe(
      'How many records became entries or replies. In a dry run: how many would become entries or replies.'
    ),
    replies: count.describe('How many of these records became replies to entries.'),
    shortened: count,
    skipped: z.record(z.string(), count).describe('How many records were skipped, by reason.'),
    examples: z
      .array(z.object({ position: count, id: z.string(), reason: z.string() }))
      .describe(
        "The first 100 skipped records, each with its position and ID in the file. An ID that could be a person's name is left out."
      ),
    error: z.string().nullable(),
    created_at: z.string(),
    finished_at: z.string().nullable(),
  })
  .meta({ id: 'Import' })

export function toImport(row: ImportRow): z.infer<typeof importOut> {
  const { id, state, format, book, size, position } = row
  const { error = null, ...report } = reportOf(row)
  const flags = { dry_run: row.dry_run === 1, webhooks: row.webhooks === 1 }
  const times = { created_at: iso(row.created_at), finished_at: iso(row.finished_at) }
  return { id, state, format, book, ...flags, size, position, ...report, error, ...times }
}
