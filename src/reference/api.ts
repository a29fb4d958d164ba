import { createRoute, z } from '@hono/zod-openapi'
import { apiRouter, json } from '../http/openapi'

/** What may be asked without knowing anything: whether the database answers. */
export const referenceApi = apiRouter()

const health = z.object({ status: z.literal('ok') }).openapi('Health')
const noHealth = z.object({ status: z.literal('database_unavailable') }).openapi('NoHealth')

referenceApi.openapi(
  createRoute({
    method: 'get',
    path: '/healthz',
    tags: ['Reference'],
    summary: 'Whether the database answers',
    responses: { 200: json(health, 'It does.'), 503: json(noHealth, 'It does not.') },
  }),
  async (c) => {
    try {
      await c.env.DB.prepare("select slug from books where slug = 'main'").first()
      return c.json({ status: 'ok' as const }, 200)
    } catch {
      // Whatever the fault is, this is the answer to it; requests that meet it log it.
      return c.json({ status: 'database_unavailable' as const }, 503)
    }
  }
)
