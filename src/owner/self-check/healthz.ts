import * as z from 'zod'
import { json } from '../../kit/http/openapi'
import { ApiRouter, createRoute } from '../../kit/http/router'
import { logFault } from '../../log'
import { CONFIGURED } from './configuration'
import { checkConfiguration } from './schema-check'

/** `/healthz`: the health check for uptime monitors and for the owner. */
export const healthz = new ApiRouter()

const health = z.object({ status: z.literal('ok') }).meta({ id: 'Health' })
const fault = z.object({
  name: z.enum(CONFIGURED),
  message: z.string().describe('What is wrong and what to do.'),
})
const noHealth = z
  .object({
    status: z.enum(['database_unavailable', 'misconfigured']),
    faults: z.array(fault).describe('What is wrong with the configuration.'),
  })
  .meta({ id: 'NoHealth' })

healthz.openapi(
  createRoute({
    method: 'get',
    path: '/healthz',
    tags: ['Reference'],
    summary: 'Check the database and the configuration',
    responses: {
      200: json(health, 'The database responds, and the configuration is complete.'),
      503: json(noHealth, 'The database does not respond, or part of the configuration is missing or wrong.'),
    },
  }),
  async (c) => {
    c.header('Cache-Control', 'no-store')
    try {
      const faults = await checkConfiguration(c.env)
      if (faults.length === 0) return c.json({ status: 'ok' as const }, 200)
      return c.json({ status: 'misconfigured' as const, faults }, 503)
    } catch (cause) {
      // Any error means that the guestbook does not work, so the monitor gets the same response for all errors.
      logFault('health.fault', cause)
      return c.json({ status: 'database_unavailable' as const, faults: [] }, 503)
    }
  }
)
