import type { Context } from 'hono'
import type { HonoEnv } from '../../env'
import { requestOrigin } from '../../kit/http/origin'
import type { ApiCall } from '../rules/mcp/arguments'
import type { ApiAnswer } from '../rules/mcp/result'

/** Sends a request to our own app. */
export type Dispatch = (c: Context<HonoEnv>, request: Request) => Response | Promise<Response>

/** Makes one call of the API with the token of the client. */
export type CallApi = (call: ApiCall) => Promise<ApiAnswer>

/** Who sends the request, for rate limits and for the audit log. */
const KEPT = ['Authorization', 'User-Agent', 'CF-Connecting-IP', 'CF-IPCountry', 'X-Forwarded-For']

/** Calls our own API as the client itself would, but without the network: a Worker cannot fetch itself. */
export async function callOwnApi(c: Context<HonoEnv>, call: ApiCall, dispatch: Dispatch): Promise<ApiAnswer> {
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
