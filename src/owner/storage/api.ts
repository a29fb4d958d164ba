import { described, doc, documented } from '#doc'
import { json, OWNER, problems } from '../../kit/http/openapi'
import { iso } from '../../kit/http/pagination'
import { ApiRouter, createRoute } from '../../kit/http/router'
import { FULL_PERCENT } from '../../kit/lib/fullness'
import { spanInWords } from '../../kit/lib/time'
import * as z from '../../zod'
import { MEASURE_EVERY_MS, readUsage, type Usage } from './database-size'

const table = documented(null, () =>
  z.object({
    name: z.string(),
    rows: z.int(),
    bytes: z.int().openapi(described('Without indexes.')),
    percent: z.int().openapi(described('The share of all measured bytes.')),
  })
)

const storage = documented('Storage', () =>
  z.object({
    size_bytes: z.int().openapi(described('The size of the database, as D1 reports it.')),
    limit_bytes: z.int(),
    percent: z.int(),
    is_full: z.boolean().openapi(described(() => `True from ${FULL_PERCENT}%. Guests and webhooks then get 503.`)),
    measured_at: z.string().nullable().openapi(described('When the tables were measured; null if not yet.')),
    tables: z.array(table),
  })
)

/** `/api/storage`. Only for the owner: see `requireOwner` in app.tsx. */
export const storageApi = new ApiRouter()

storageApi.openapi(
  createRoute({
    method: 'get',
    path: '/',
    ...doc(() => ({
      tags: ['Settings'],
      security: OWNER,
      summary: 'Get the size of the database',
      description: `The cron job measures the tables every ${spanInWords(MEASURE_EVERY_MS)}.`,
      responses: { 200: json(storage, 'The size of the database and of its tables.'), ...problems([401]) },
    })),
  }),
  async (c) => c.json(toStorage(await readUsage(c.env)), 200)
)

function toStorage(usage: Usage): z.infer<typeof storage> {
  return { ...usage, measured_at: iso(usage.measured_at) }
}
