import type { Hono } from 'hono'
import type { HonoEnv } from '../env'

/**
 * The methods that some route takes at a path, for an honest 405. Looked up only when nothing matched.
 * Middleware is registered for all methods, and is no route.
 */
export function allowedMethods(app: Hono<HonoEnv>, path: string): string[] {
  const methods = app.routes
    .filter((route) => route.method !== 'ALL' && matches(route.path, path))
    .map((route) => route.method)
  return [...new Set(methods.includes('GET') ? [...methods, 'HEAD'] : methods)].sort()
}

function matches(pattern: string, path: string): boolean {
  const wanted = pattern.split('/').filter(Boolean)
  const given = path.split('/').filter(Boolean)
  return (
    wanted.length === given.length &&
    wanted.every((part, i) => part.startsWith(':') || part === given[i])
  )
}
