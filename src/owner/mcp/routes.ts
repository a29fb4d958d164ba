import { type Context, Hono, type MiddlewareHandler } from 'hono'
import { requireToken } from '../../access/owner-auth'
import type { HonoEnv } from '../../env'
import { jsonBody } from '../../kit/http/json-body'
import { configuredOrigin } from '../../kit/http/origin'
import { Refusal } from '../../kit/http/problem'
import { MAX_PARTS } from '../../kit/lib/json'
import { errorResponse, idIn, RpcError, readRequest, resultResponse } from '../rules/mcp/json-rpc'
import { isModern } from '../rules/mcp/revision'
import { answer } from './answer'
import type { Dispatch } from './call-tool'

/**
 * `/mcp`: the Model Context Protocol over streamable HTTP. It has no sessions and no streams: each POST is one request,
 * and its response is JSON. @param dispatch sends a request to our own app
 */
export function mcpRoutes(dispatch: Dispatch): Hono<HonoEnv> {
  const routes = new Hono<HonoEnv>()
  routes.post('/', requireNoForeignOrigin, requireToken, jsonBody(undefined, MAX_PARTS), (c) => respond(c, dispatch))
  return routes
}

/**
 * Refuses requests of web pages, as MCP demands: a page could otherwise reach a guestbook on the visitor's own machine
 * by DNS rebinding. The Host of such a request names the page's own site, so comparing Origin and Host would not help.
 * Clients other than browsers send no Origin.
 */
const requireNoForeignOrigin: MiddlewareHandler<HonoEnv> = async (c, next) => {
  const origin = c.req.header('Origin')
  if (origin === undefined || origin === configuredOrigin(c.env)) return next()
  throw new Refusal(403, 'foreign_origin', 'Web pages cannot use the MCP server. Connect with a program.')
}

async function respond(c: Context<HonoEnv>, dispatch: Dispatch): Promise<Response> {
  const body: unknown = await c.req.json()
  try {
    const request = readRequest(body)
    const modern = isModern(request, (name) => c.req.header(name))
    if (request.id === null) return c.body(null, 202)
    return c.json(resultResponse(request.id, await answer(c, request, modern, dispatch)), 200)
  } catch (cause) {
    if (!(cause instanceof RpcError)) throw cause
    return c.json(errorResponse(idIn(body), cause), cause.status)
  }
}
