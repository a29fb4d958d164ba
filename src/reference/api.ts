import { createRoute, z } from '@hono/zod-openapi'
import { EVENT_TYPES } from '../core/event-types'
import { apiRouter, json } from '../middleware/openapi'

const eventType = z
  .object({
    name: z.string(),
    description: z.string(),
    schema: z.record(z.string(), z.unknown()).openapi({ description: 'JSON Schema of `data`.' }),
    example: z.record(z.string(), z.unknown()),
  })
  .openapi('EventType')

/** What may be asked without knowing anything: the catalogue of events, and whether the database answers. */
export const referenceApi = apiRouter()

referenceApi.openapi(
  createRoute({
    method: 'get',
    path: '/api/event-types',
    tags: ['Reference'],
    summary: 'The catalogue of event types',
    responses: { 200: json(z.object({ data: z.array(eventType) }), 'All of them.') },
  }),
  (c) => c.json({ data: [...EVENT_TYPES] }, 200)
)

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
