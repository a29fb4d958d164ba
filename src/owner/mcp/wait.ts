import type { Clock } from '../../kit/lib/time'
import type { Tool } from '../../kit/tool'
import { toApiCall } from '../rules/mcp/arguments'
import type { Params } from '../rules/mcp/json-rpc'
import { answerOf, type ToolResult, toError } from '../rules/mcp/result'
import { newerThan, POLL_EVERY_MS, readWait } from '../rules/mcp/wait'
import type { CallApi } from './own-api'

/** Asks the API for new inbound messages until there is one, or until the time is over. */
export async function waitForInbound(tool: Tool, given: Params, callApi: CallApi, clock: Clock): Promise<ToolResult> {
  const wait = readWait(given)
  if (typeof wait === 'string') return toError(wait)
  const { ms, after, rest } = wait
  const call = toApiCall(tool, rest)
  if (typeof call === 'string') return toError(call)
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
