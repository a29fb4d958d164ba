import { createRoute, z } from '@hono/zod-openapi'
import { eq } from 'drizzle-orm'
import { books } from '../db/schema'
import { columns, compile, first, query } from '../db/statements'
import { logFault } from '../log'
import { apiRouter, json } from './openapi'

const READ_ONE_ROW = compile(() => query.select(columns(books, 'slug')).from(books).where(eq(books.slug, 'main')))

/** `/healthz`: the health check for uptime monitors. */
export const healthz = apiRouter()

const health = z.object({ status: z.literal('ok') }).openapi('Health')
const noHealth = z.object({ status: z.literal('database_unavailable') }).openapi('NoHealth')

healthz.openapi(
  createRoute({
    method: 'get',
    path: '/healthz',
    tags: ['Reference'],
    summary: 'Check that the database responds',
    responses: {
      200: json(health, 'The database responds.'),
      503: json(noHealth, 'The database does not respond.'),
    },
  }),
  async (c) => {
    try {
      await first(READ_ONE_ROW(c.env, {}))
      return c.json({ status: 'ok' as const }, 200)
    } catch (cause) {
      // Any error means that the guestbook does not work, so the monitor gets the same response for all errors.
      logFault('health.fault', cause)
      return c.json({ status: 'database_unavailable' as const }, 503)
    }
  }
)
