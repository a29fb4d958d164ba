import { createRoute, z } from '@hono/zod-openapi'
import { described, doc } from '#doc'
import { apiRouter, json, OWNER, problems } from '../../http/openapi'
import { iso } from '../../http/pagination'
import { notFound } from '../../http/problem'
import { listSessions, revokeOtherSessions, revokeSession, type SessionRow, shortId } from './store'

const sessionOut = z
  .object({
    id: z.string().openapi(described('Identifies the session. It cannot be used to log in.')),
    created_at: z.string(),
    expires_at: z.string(),
    last_seen_at: z.string().nullable().openapi(described('Written at most every ten minutes.')),
    browser: z.string().openapi({ example: 'Firefox on Linux', description: doc('Guessed from the `User-Agent`.') }),
    country: z.string().nullable().openapi(described('An ISO 3166 code, if Cloudflare knows it.')),
  })
  .openapi('Session')

const base = { tags: ['Access'], security: OWNER }

/** `/api/sessions`: who is logged in to the dashboard. For ADMIN_TOKEN only. Protected by `requireOwner` in app.tsx. */
export const sessionsApi = apiRouter()

sessionsApi.openapi(
  createRoute({
    ...base,
    method: 'get',
    path: '/',
    summary: doc('List the open dashboard sessions, latest first'),
    responses: {
      200: json(z.object({ data: z.array(sessionOut) }).openapi('Sessions'), doc('Up to 100 sessions.')),
      ...problems(401),
    },
  }),
  async (c) => c.json({ data: (await listSessions(c.env, Date.now())).map(toSession) }, 200)
)

sessionsApi.openapi(
  createRoute({
    ...base,
    method: 'delete',
    path: '/{id}',
    summary: doc('End a dashboard session'),
    request: { params: z.object({ id: z.string().max(100) }) },
    responses: { 204: { description: doc('Ended.') }, ...problems(401, 404) },
  }),
  async (c) => {
    if (!(await revokeSession(c.env, c.req.valid('param').id))) throw notFound('session')
    return c.body(null, 204)
  }
)

sessionsApi.openapi(
  createRoute({
    ...base,
    method: 'delete',
    path: '/',
    summary: doc('End all dashboard sessions'),
    responses: { 204: { description: doc('Ended.') }, ...problems(401) },
  }),
  async (c) => {
    await revokeOtherSessions(c.env, '')
    return c.body(null, 204)
  }
)

function toSession({ id, browser, country, ...times }: SessionRow): z.infer<typeof sessionOut> {
  return {
    id: shortId(id),
    created_at: iso(times.created_at),
    expires_at: iso(times.expires_at),
    last_seen_at: iso(times.last_seen_at),
    browser,
    country,
  }
}
