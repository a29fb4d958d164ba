import type { Context } from 'hono'
import type { HonoEnv } from '../../env'
import { requestOrigin } from '../../kit/http/origin'
import { isObject } from '../../kit/lib/json'
import { cut } from '../../kit/lib/text/shorten'
import type { Clock } from '../../kit/lib/time'
import type { Tool } from '../../kit/tool'
import { type ApiCall, toApiCall } from '../rules/mcp/arguments'
import { INVALID_PARAMS, RpcError, type RpcParams } from '../rules/mcp/json-rpc'
import { type ApiAnswer, answerOf, type ToolResult, toolError } from '../rules/mcp/result'
import { newerThan, POLL_EVERY_MS, readWait } from '../rules/mcp/wait'
import { TOOLS } from './tools'

/**
 * Calls a tool. Wrong arguments and refusals of the API become a result with `isError`, so that a language model can
 * read it and try again. @throws RpcError if there is no such tool
 */
export function callTool(c: Context<HonoEnv>, params: RpcParams, dispatch: Dispatch): Promise<ToolResult> {
  const { name, arguments: given = {} } = params
  const tool = TOOLS.find((one) => one.name === name)
  if (!tool) throw new RpcError(INVALID_PARAMS, `There is no tool "${cut(String(name), 100)}". See tools/list.`)
  if (!isObject(given)) throw new RpcError(INVALID_PARAMS, '"arguments" must be an object.')
  const callApi: CallApi = (call) => callOwnApi(c, call, dispatch)
  return tool.name === 'wait_for_inbound'
    ? waitForInbound(tool, given, callApi, c.get('clock'))
    : callOnce(tool, given, callApi)
}

async function callOnce(tool: Tool, given: RpcParams, callApi: CallApi): Promise<ToolResult> {
  const call = toApiCall(tool, given)
  return typeof call === 'string' ? toolError(call) : answerOf(tool, await callApi(call))
}

/** Sends a request to our own app. */
export type Dispatch = (c: Context<HonoEnv>, request: Request) => Response | Promise<Response>

/** Makes one call of the API with the token of the client. */
type CallApi = (call: ApiCall) => Promise<ApiAnswer>

/** Who sends the request, for rate limits and for the audit log. */
const KEPT = ['Authorization', 'User-Agent', 'CF-Connecting-IP', 'CF-IPCountry', 'X-Forwarded-For']

/** Calls our own API as the client itself would, but without the network: a Worker cannot fetch itself. */
async function callOwnApi(c: Context<HonoEnv>, call: ApiCall, dispatch: Dispatch): Promise<ApiAnswer> {
  const { method, path, body } = call
  const headers = new Headers(
    KEPT.flatMap((name): [string, string][] => {
      const value = c.req.header(name)
      return value === undefined ? [] : [[name, value]]
    })
  )
  if (body !== null) headers.set('Content-Type', 'application/json')
  const response = await dispatch(c, new Request(`${requestOrigin(c)}${path}`, { method, headers, body }))
  const text = await response.text()
  const isJson = /json/.test(response.headers.get('Content-Type') ?? '')
  return { status: response.status, value: isJson ? JSON.parse(text) : { done: response.ok } }
}

/** Asks the API for new inbound messages until there is one, or until the time is over. */
async function waitForInbound(tool: Tool, given: RpcParams, callApi: CallApi, clock: Clock): Promise<ToolResult> {
  const wait = readWait(given)
  if (typeof wait === 'string') return toolError(wait)
  const { ms, after, rest } = wait
  const call = toApiCall(tool, rest)
  if (typeof call === 'string') return toolError(call)
  const startedAt = clock()
  const since = after === null ? { since: new Date(startedAt).toISOString() } : {}
  const path = withQuery(call.path, since)
  for (;;) {
    const { status, value } = await callApi({ ...call, path })
    const found = newerThan(value, after)
    const leftMs = startedAt + ms - clock()
    if (status >= 400) return answerOf(tool, { status, value })
    if (found.data.length > 0 || leftMs <= 0) return answerOf(tool, { status, value: found })
    await new Promise((resolve) => setTimeout(resolve, Math.min(leftMs, POLL_EVERY_MS)))
  }
}

function withQuery(path: string, more: Record<string, string>): string {
  const query = new URLSearchParams(more).toString()
  return query === '' ? path : `${path}${path.includes('?') ? '&' : '?'}${query}`
}
