import { iso } from '../../../kit/http/pagination'
import { FULL_PERCENT } from '../../../kit/lib/fullness'
import { spanInWords } from '../../../kit/lib/time'
import { action, described, doc, documentedObject, json, textOrNull } from '../../../kit/operation'
import * as z from '../../../zod'
import { MEASURE_EVERY_MS, readUsage } from '../../storage/database-size'

const table = documentedObject(null, () => ({
  name: z.string(),
  rows: z.int(),
  bytes: z.int().openapi(described('The size without indexes.')),
  percent: z.int().openapi(described('The share of all measured bytes.')),
}))

const storage = documentedObject('Storage', () => ({
  size_bytes: z.int().openapi(described('The size of the database, as D1 reports it.')),
  limit_bytes: z.int(),
  percent: z.int(),
  is_full: z
    .boolean()
    .openapi(
      described(() => `True if at least ${FULL_PERCENT}% of the limit is used. Guests and webhooks then get 503.`)
    ),
  measured_at: textOrNull('When the tables were measured; null if not yet.'),
  tables: z.array(table),
}))

export const getStorage = action({
  call: 'GET /api/storage',
  ...doc(() => ({
    summary: 'Get the size of the database',
    description: `The cron job measures the tables every ${spanInWords(MEASURE_EVERY_MS)}.`,
    noTool: 'rare',
  })),
  gives: { 200: json(storage, doc('The size of the database and of its tables.')) },
  run: ({ env }) => readUsage(env),
  show: (usage) => ({ ...usage, measured_at: iso(usage.measured_at) }),
})
