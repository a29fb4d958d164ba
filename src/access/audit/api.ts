import * as z from 'zod'
import { SCANNED } from '../../kit/db/scanned'
import { json, OWNER, problems } from '../../kit/http/openapi'
import { iso, listQuery, pageOf, readCursor } from '../../kit/http/pagination'
import { ApiRouter, createRoute } from '../../kit/http/router'
import { type AuditRow, changesOf, listActs } from './store'

/** Longer than any act and any actor. */
export const FILTER_MAX = 300

const auditOut = z
  .object({
    id: z.string(),
    act: z.string().meta({ example: 'endpoint.updated' }),
    actor: z.string().meta({
      example: 'key:key_01JD9Z6Y3T8W5Q7R2K4M6N8P0A',
      description:
        '`token` (ADMIN_TOKEN), `key:<id>`, `session:<id>`, `access:<e-mail>` (Cloudflare Access) or `link` (a moderation link).',
    }),
    actor_name: z.string().nullable().describe('The name that the API key had when it made the change.'),
    subject: z.string().nullable().describe('The ID, slug or name of what was changed; null if it has none.'),
    changes: z.array(z.string()).meta({
      example: ['theme: zine → plain'],
      description:
        'What changed in a book or in the settings, or which deliveries were selected. Long values are left out.',
    }),
    created_at: z.string(),
    browser: z
      .string()
      .meta({ example: 'Firefox on Linux', description: 'The browser, guessed from the `User-Agent`.' }),
    country: z.string().nullable().describe('An ISO 3166 code, or null if Cloudflare does not know the country.'),
  })
  .meta({ id: 'AuditEntry' })

const auditQuery = listQuery.extend({
  act: z.string().max(FILTER_MAX).default('').describe('The beginning of `act`, such as `endpoint.`'),
  actor: z.string().max(FILTER_MAX).default('').describe('The beginning of `actor`, such as `key:`'),
})

/** `/api/audit`: what the owner did. Protected by `requireOwner` in app.tsx. */
export const auditApi = new ApiRouter()

auditApi.openapi(
  createRoute({
    method: 'get',
    path: '/',
    request: { query: auditQuery },
    tags: ['Access'],
    security: OWNER,
    summary: "List the owner's changes, newest first",
    description: `A request with a filter searches ${SCANNED} records at a time, so a page may be empty and still have a \`next\` cursor. The setting \`retention.audit_days\` says how long records are kept.`,
    responses: { 200: json(pageOf(auditOut, 'AuditPage'), 'A page of the audit log.'), ...problems([400, 401, 422]) },
  }),
  async (c) => {
    const { limit, cursor, act, actor } = c.req.valid('query')
    const { data, next } = await listActs(c.env, { act, actor, logins: 1 }, { from: readCursor('aud', cursor) }, limit)
    return c.json({ data: data.map(toAudit), next }, 200)
  }
)

function toAudit({ created_at, ...row }: AuditRow): z.infer<typeof auditOut> {
  return { ...row, changes: changesOf(row), created_at: iso(created_at) }
}
