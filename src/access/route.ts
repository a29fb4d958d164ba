import type { Context } from 'hono'
import { matchedRoutes } from 'hono/route'
import type { HonoEnv } from '../env'

/** Whether a request only reads, so that it needs neither a form's origin nor the right to write. */
export const isReading = ({ req }: Context<HonoEnv>): boolean => req.method === 'GET' || req.method === 'HEAD'

/** @returns the method and the pattern of the route that handles the request, or null if there is none */
export function routeOf(c: Context<HonoEnv>): { method: string; path: string } | null {
  const method = c.req.method === 'HEAD' ? 'GET' : c.req.method
  // Middleware is registered for the method ALL. Of several routes that match, the first one handles the request.
  const route = matchedRoutes(c).find((one) => one.method === method)
  return route ? { method, path: route.path } : null
}
