import type { Hono } from 'hono'
import type { HonoEnv } from '../../env'

/** @returns the methods that a path accepts, for the `Allow` header of a 405 */
export function allowedMethods(app: Hono<HonoEnv>, path: string): string[] {
  const given = segmentsOf(path)
  // Middleware is registered as a route for the method ALL.
  const methods = app.routes
    .filter((route) => route.method !== 'ALL' && matches(segmentsOf(route.path), given))
    .map((route) => route.method)
  return [...new Set(methods.includes('GET') ? [...methods, 'HEAD'] : methods)].sort()
}

const segmentsOf = (path: string): string[] => path.split('/').filter(Boolean)

function matches(wanted: string[], given: string[]): boolean {
  return wanted.length === given.length && wanted.every((part, i) => part.startsWith(':') || part === given[i])
}
