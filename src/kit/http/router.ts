import type { RouteConfig, RouteHandler } from '@hono/zod-openapi'
import { type Context, Hono, type MiddlewareHandler } from 'hono'
import type * as z from 'zod'
import type { HonoEnv } from '../../env'
import { type FieldProblem, invalid } from './problem'

/** Which route a handler answers, for the API document. */
const ROUTES = new WeakMap<object, RouteConfig>()

/**
 * Validates requests with the same schemas that document them. Only the types are from @hono/zod-openapi, because its
 * own router contains the generator of the document.
 */
export class ApiRouter extends Hono<HonoEnv> {
  /** @param handler gets the validated parts of the request from `c.req.valid` */
  openapi<R extends RouteConfig>(route: R, handler: RouteHandler<R, HonoEnv>): this {
    const { method, path, middleware = [], request = {} } = route
    ROUTES.set(handler, route)
    const pattern = path.replace(/\{(\w+)\}/g, ':$1')
    this.on([method], [pattern], ...[middleware].flat(), validator(request), handler)
    return this
  }
}

/** Keeps the exact type of a route, from which follow the types of what its handler gets and gives. */
export function createRoute<P extends string, R extends Omit<RouteConfig, 'path'> & { path: P }>(route: R): R {
  return route
}

/** @returns the routes that the API document describes, with complete paths */
export function routesOf({ routes }: Hono<HonoEnv>): RouteConfig[] {
  return routes.flatMap(({ path, handler }) => {
    const route = ROUTES.get(handler)
    return route === undefined ? [] : [{ ...route, path: path.replace(/:(\w+)/g, '{$1}') }]
  })
}

type Target = 'query' | 'param' | 'header' | 'json'

function validator({ query, params, headers, body }: NonNullable<RouteConfig['request']>): MiddlewareHandler<HonoEnv> {
  const json = body?.content['application/json']
  return async function validate(c, next) {
    check(c, 'query', query, queryOf(c))
    check(c, 'param', params, c.req.param())
    check(c, 'header', headers, c.req.header())
    if (json && 'schema' in json) check(c, 'json', json.schema, await jsonOf(c))
    await next()
  }
}

function check(c: Context<HonoEnv>, target: Target, schema: unknown, value: unknown): void {
  if (schema === undefined) return
  const { success, data, error } = (schema as z.ZodType<object>).safeParse(value)
  if (!success) throw invalid(fieldProblems(error.issues))
  c.req.addValidatedData(target, data)
}

export function fieldProblems(issues: readonly { path: PropertyKey[]; message: string }[]): FieldProblem[] {
  return issues.map(({ path, message }) => ({ path: path.map(String).join('.'), message }))
}

/** A parameter that is given several times is an array. */
function queryOf(c: Context<HonoEnv>): Record<string, string | string[] | undefined> {
  return Object.fromEntries(
    Object.entries(c.req.queries()).map(([name, values]) => [name, values.length === 1 ? values[0] : values])
  )
}

/** The body that `jsonBody` has read. A request without one, and without a type, counts as an empty object. */
async function jsonOf(c: Context<HonoEnv>): Promise<unknown> {
  return c.req.header('Content-Type') ? c.req.json() : {}
}
