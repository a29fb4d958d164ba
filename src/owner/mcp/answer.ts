import type { Context } from 'hono'
import type { HonoEnv } from '../../env'
import { publicFile } from '../../kit/http/paths/public-file'
import { cut } from '../../kit/lib/text/shorten'
import { METHOD_NOT_FOUND, RpcError, type RpcRequest } from '../rules/mcp/json-rpc'
import { LEGACY, MODERN, negotiate, SERVER_INFO_KEY } from '../rules/mcp/revision'
import { callTool, type Dispatch } from './call-tool'
import { mayUse, TOOLS } from './tools'

const SERVER = { name: 'guesthook', title: 'Guesthook', version: '0.1.0' }
const CAPABILITIES = { tools: {} }
/** The list depends on the token, so only the client itself may keep it. */
const CACHE = { ttlMs: 300_000, cacheScope: 'private' }

type Answer = (c: Context<HonoEnv>, request: RpcRequest, dispatch: Dispatch) => object | Promise<object>

/** What the server says of itself, and the tools with the schemas of their arguments. */
const readTexts = publicFile<{ instructions: string; tools: { name: string }[] }>('tools.json')

const listTools: Answer = async (c) => {
  const names = new Set(TOOLS.filter((tool) => mayUse(tool, c.get('scopes'))).map(({ name }) => name))
  return { tools: (await readTexts(c.env)).tools.filter(({ name }) => names.has(name)) }
}

const call: Answer = (c, { params }, dispatch) => callTool(c, params, dispatch)

const LEGACY_METHODS: Record<string, Answer> = {
  initialize: async (c, { params }) => ({
    protocolVersion: negotiate(params.protocolVersion),
    capabilities: CAPABILITIES,
    serverInfo: SERVER,
    instructions: (await readTexts(c.env)).instructions,
  }),
  ping: () => ({}),
  'tools/list': listTools,
  'tools/call': call,
}

const MODERN_METHODS: Record<string, Answer> = {
  'server/discover': async (c) => ({
    supportedVersions: [...MODERN, ...LEGACY],
    capabilities: CAPABILITIES,
    instructions: (await readTexts(c.env)).instructions,
    ...CACHE,
  }),
  'tools/list': async (...args) => ({ ...(await listTools(...args)), ...CACHE }),
  'tools/call': call,
}

/** @param isModern whether the client's revision has no handshake @throws RpcError if there is no such method */
export async function answer(c: Context<HonoEnv>, request: RpcRequest, isModern: boolean, dispatch: Dispatch) {
  const methods = isModern ? MODERN_METHODS : LEGACY_METHODS
  const method = Object.hasOwn(methods, request.method) ? methods[request.method] : undefined
  if (!method) {
    const detail = `There is no method "${cut(request.method, 100)}". This server has tools only.`
    throw new RpcError(METHOD_NOT_FOUND, detail, isModern ? 404 : 200)
  }
  const result = await method(c, request, dispatch)
  return isModern ? { resultType: 'complete', ...result, _meta: { [SERVER_INFO_KEY]: SERVER } } : result
}
