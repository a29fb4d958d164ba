import type { Hono } from 'hono'
import type { HonoEnv } from '../env'

/** @returns the methods that a path accepts, for the `Allow` header of a 405 */
export function allowedMethods(app: Hono<HonoEnv>, path: string): string[] {
  // Middleware is registered as a route for the method ALL.
  const methods = app.routes
    .filter((route) => route.method !== 'ALL' && matches(route.path, path))
    .map((route) => route.method)
  return [...new Set(methods.includes('GET') ? [...methods, 'HEAD'] : methods)].sort()
}

function matches(pattern: string, path: string): boolean {
  const wanted = pattern.split('/').filter(Boolean)
  const given = path.split('/').filter(Boolean)
  return wanted.length === given.length && wanted.every((part, i) => part.startsWith(':') || part === given[i])
}
