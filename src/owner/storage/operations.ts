import * as z from 'zod'
import { iso } from '../../kit/http/pagination'
import { FULL_PERCENT } from '../../kit/lib/fullness'
import { spanInWords } from '../../kit/lib/time'
import { action, json } from '../../kit/operation'
import { MEASURE_EVERY_MS, readUsage } from './database-size'

/* The operation that reads how full the database is. */

const table = z.object({
  name: z.string(),
  rows: z.int(),
  bytes: z.int().describe('The size without indexes.'),
  percent: z.int().describe('The share of all measured bytes.'),
})

const storage = z
  .object({
    size_bytes: z.int().describe('The size of the database, as D1 reports it.'),
    limit_bytes: z.int(),
    percent: z.int(),
    is_full: z
      .boolean()
      .describe(`True if at least ${FULL_PERCENT}% of the limit is used. Guests and webhooks then get 503.`),
    measured_at: z.string().nullable().describe('When the tables were measured; null if not yet.'),
    tables: z.array(table),
  })
  .meta({ id: 'Storage' })

export const getStorage = action({
  call: 'GET /api/storage',
  may: 'read',
  summary: 'Get the size of the database',
  description: `The cron job measures the tables every ${spanInWords(MEASURE_EVERY_MS)}.`,
  gives: { 200: json(storage, 'The size of the database and of its tables.') },
  run: ({ env }) => readUsage(env),
  show: (usage) => ({ ...usage, measured_at: iso(usage.measured_at) }),
})
