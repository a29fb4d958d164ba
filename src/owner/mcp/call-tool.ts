import type { Context } from 'hono'
import type { HonoEnv } from '../../env'
import { cut } from '../../kit/lib/text/shorten'
import type { Tool } from '../../kit/tool'
import { toApiCall } from '../rules/mcp/arguments'
import { INVALID_PARAMS, isObject, type Params, RpcError } from '../rules/mcp/json-rpc'
import { answerOf, type ToolResult, toError } from '../rules/mcp/result'
import { type CallApi, callOwnApi, type Dispatch } from './own-api'
import { TOOLS } from './tools'
import { waitForInbound } from './wait'

/**
 * Calls a tool. Wrong arguments and refusals of the API become a result with `isError`, so that a language model can
 * read it and try again.
 * @throws RpcError if there is no such tool
 */
export function callTool(c: Context<HonoEnv>, params: Params, dispatch: Dispatch): Promise<ToolResult> {
  const { name, arguments: given = {} } = params
  const tool = TOOLS.find((one) => one.name === name)
  if (!tool) throw new RpcError(INVALID_PARAMS, `There is no tool "${cut(String(name), 100)}". See tools/list.`)
  if (!isObject(given)) throw new RpcError(INVALID_PARAMS, '"arguments" must be an object.')
  const callApi: CallApi = (call) => callOwnApi(c, call, dispatch)
  return tool.name === 'wait_for_inbound'
    ? waitForInbound(tool, given, callApi, c.get('clock'))
    : callOnce(tool, given, callApi)
}

async function callOnce(tool: Tool, given: Params, callApi: CallApi): Promise<ToolResult> {
  const call = toApiCall(tool, given)
  return typeof call === 'string' ? toError(call) : answerOf(tool, await callApi(call))
}
