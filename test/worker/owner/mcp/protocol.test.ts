import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { describe, expect, it } from 'vitest'
import { BASE, World } from '../../../support/world'
import { auditLog } from '../../access/a-key'
import { aClient, post, REVISION } from './a-client'

const META = {
  'io.modelcontextprotocol/protocolVersion': REVISION,
  'io.modelcontextprotocol/clientCapabilities': {},
}
const LIST = { jsonrpc: '2.0', id: 1, method: 'tools/list' }
const modern = (method: string, params: object = {}) => ({
  jsonrpc: '2.0',
  id: 1,
  method,
  params: { ...params, _meta: META },
})
const headersFor = (method: string, name?: string) => ({
  'MCP-Protocol-Version': REVISION,
  'Mcp-Method': method,
  ...(name !== undefined && { 'Mcp-Name': name }),
})

describe('the MCP server', () => {
  it('refuses requests without a token or with a wrong one, as the API does', async () => {
    const world = new World()
    const without = await world.request('/mcp', { method: 'POST', body: JSON.stringify(LIST) })
    expect(without.status).toBe(401)
    expect(without.headers.get('WWW-Authenticate')).toBe('Bearer realm="guesthook"')
    expect(await without.json()).toMatchObject({ code: 'no_token' })
    const wrong = await post(world, LIST, { Authorization: 'Bearer wrong' })
    expect([wrong.status, wrong.body.code]).toEqual([401, 'bad_token'])
    await expect(aClient(world, 'wrong', 'legacy')).rejects.toThrow()
  })

  it('refuses web pages, also if their host is the one of the request, and accepts its own address', async () => {
    const world = new World({ PUBLIC_URL: BASE })
    const evil = await post(world, LIST, { Origin: 'https://evil.example' })
    expect([evil.status, evil.body.code]).toEqual([403, 'foreign_origin'])
    expect((await post(world, LIST, { Origin: 'null' })).status).toBe(403)
    expect((await post(world, LIST, { Origin: BASE })).status).toBe(200)
    const local = new World({ PUBLIC_URL: '' })
    local.base = 'http://rebound.example:8787'
    expect((await post(local, LIST, { Origin: local.base })).status).toBe(403)
  })

  it('answers GET and DELETE with 405, because it has no streams and no sessions', async () => {
    for (const method of ['GET', 'DELETE']) {
      const response = await new World().request('/mcp', { method })
      expect([method, response.status, response.headers.get('Allow')]).toEqual([method, 405, 'POST'])
    }
  })

  it('refuses bodies that are too large, not JSON, or nested too deeply, before it reads them', async () => {
    const world = new World()
    const large = await post(world, { ...LIST, params: { a: 'x'.repeat(65 * 1_024) } })
    expect([large.status, large.body.code]).toEqual([413, 'too_large'])
    expect((await post(world, '{"jsonrpc":')).body.code).toBe('not_json')
    expect((await post(world, `${'['.repeat(5_000)}${']'.repeat(5_000)}`)).body.code).toBe('too_deep')
    expect((await post(world, LIST, { 'Content-Type': 'text/plain' })).status).toBe(415)
  })

  it.each([
    ['a batch', [LIST]],
    ['another version of JSON-RPC', { ...LIST, jsonrpc: '1.0' }],
    ['no method', { jsonrpc: '2.0', id: 1 }],
    ['a method that is not a text', { ...LIST, method: 7 }],
    ['an ID that is null', { ...LIST, id: null }],
    ['an ID that is an object', { ...LIST, id: {} }],
    ['parameters by position', { ...LIST, params: [1] }],
    ['a number', 7],
    ['an empty object', {}],
  ])('refuses %s as an invalid request', async (_, body) => {
    const { status, body: answer } = await post(new World(), body)
    expect([status, answer.error.code]).toEqual([400, -32_600])
  })

  it('answers an unknown method with an error, and a notification with 202 and nothing else', async () => {
    const world = new World()
    for (const method of ['resources/list', 'constructor', '__proto__', 'server/discover']) {
      const { status, body } = await post(world, { ...LIST, method })
      expect([method, status, body.error.code, body.id]).toEqual([method, 200, -32_601, 1])
    }
    const initialize = await post(world, modern('initialize'), headersFor('initialize'))
    expect([initialize.status, initialize.body.error.code]).toEqual([404, -32_601])
    const notified = await post(world, { jsonrpc: '2.0', method: 'notifications/initialized' })
    expect([notified.status, notified.body]).toEqual([202, null])
    expect((await post(world, { ...LIST, method: 'ping' })).body).toEqual({ jsonrpc: '2.0', id: 1, result: {} })
  })

  it('negotiates a revision that both know, and refuses to speak any other', async () => {
    const world = new World()
    const initialize = async (protocolVersion: unknown) =>
      (await post(world, { ...LIST, method: 'initialize', params: { protocolVersion } })).body.result.protocolVersion
    expect(await initialize('2025-06-18')).toBe('2025-06-18')
    expect(await initialize('2024-11-05')).toBe('2025-11-25')
    expect(await initialize(undefined)).toBe('2025-11-25')
    const old = await post(world, LIST, { 'MCP-Protocol-Version': '1999-01-01' })
    expect([old.status, old.body.error.code, old.body.error.data.supported[0]]).toEqual([400, -32_022, REVISION])
    const params = { _meta: { ...META, 'io.modelcontextprotocol/protocolVersion': '2199-01-01' } }
    expect((await post(world, { ...LIST, params })).body.error.code).toBe(-32_022)
    expect((await post(world, LIST, headersFor('tools/list'))).body.error.code).toBe(-32_602)
  })

  it('refuses headers that do not match the body of a request without a handshake', async () => {
    const world = new World()
    const call = modern('tools/call', { name: 'get_stats' })
    const codeWith = async (headers: Record<string, string>) => (await post(world, call, headers)).body.error?.code
    expect(await codeWith({})).toBe(-32_020)
    expect(await codeWith(headersFor('tools/list', 'get_stats'))).toBe(-32_020)
    expect(await codeWith(headersFor('tools/call', 'delete_entry'))).toBe(-32_020)
    expect(await codeWith(headersFor('tools/call', '=?base64?!?='))).toBe(-32_020)
    expect(await codeWith(headersFor('tools/call', `=?base64?${btoa('get_stats')}?=`))).toBeUndefined()
    expect(await codeWith(headersFor('tools/call', 'get_stats'))).toBeUndefined()
  })

  it('lets a client that knows both generations find the newer one', async () => {
    const world = new World()
    const client = new Client({ name: 'test', version: '1' }, { versionNegotiation: { mode: 'auto' } })
    const transport = new StreamableHTTPClientTransport(new URL(`${BASE}/mcp`), {
      fetch: (url, init) => world.request(new URL(url).pathname, init as RequestInit),
      requestInit: { headers: { Authorization: `Bearer ${world.env.ADMIN_TOKEN}` } },
    })
    await client.connect(transport)
    expect(client.getNegotiatedProtocolVersion()).toBe(REVISION)
  })

  it('writes nothing to the audit log for requests that only read', async () => {
    const world = new World()
    await post(world, LIST)
    await post(world, { ...LIST, method: 'tools/call', params: { name: 'list_entries' } })
    expect(await auditLog(world)).toEqual([])
  })
})
