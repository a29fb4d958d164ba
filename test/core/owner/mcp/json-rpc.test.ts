import fc from 'fast-check'
import { expect, it } from 'vitest'
import { TOOLS } from '../../../../src/owner/mcp/tools'
import { toApiCall } from '../../../../src/owner/rules/mcp/arguments'
import { idIn, RpcError, readRequest } from '../../../../src/owner/rules/mcp/json-rpc'
import { isModern } from '../../../../src/owner/rules/mcp/revision'

/** Any JSON, and requests in which one part is any JSON. */
const body = fc.oneof(
  fc.jsonValue(),
  fc.record(
    {
      jsonrpc: fc.oneof(fc.constant('2.0'), fc.jsonValue()),
      id: fc.oneof(fc.integer(), fc.string(), fc.jsonValue()),
      method: fc.oneof(fc.string(), fc.jsonValue()),
      params: fc.oneof(fc.dictionary(fc.string(), fc.jsonValue()), fc.jsonValue()),
    },
    { requiredKeys: [] }
  )
)

it('any JSON is either a request or an error of JSON-RPC', () => {
  fc.assert(
    fc.property(body, (value) => {
      try {
        const { id, method, params } = readRequest(value)
        expect(value).toMatchObject({ jsonrpc: '2.0', method })
        expect(id === null || typeof id === 'string' || Number.isSafeInteger(id)).toBe(true)
        expect(id === null).toBe(!Object.hasOwn(value as object, 'id'))
        expect(typeof params).toBe('object')
      } catch (cause) {
        expect(cause).toBeInstanceOf(RpcError)
        expect(['string', 'number', 'object']).toContain(typeof idIn(value))
      }
    }),
    { numRuns: 500 }
  )
})

it('any header and any metadata give a generation or an error of JSON-RPC', () => {
  const value = fc.oneof(fc.constantFrom('2026-07-28', '2025-06-18', '=?base64?AA?=', '=?base64?A?='), fc.string())
  const meta = fc.dictionary(
    fc.constantFrom('io.modelcontextprotocol/protocolVersion', 'io.modelcontextprotocol/clientCapabilities'),
    fc.oneof(value, fc.constant({}), fc.jsonValue())
  )
  fc.assert(
    fc.property(meta, fc.option(value, { nil: undefined }), (_meta, header) => {
      try {
        isModern({ id: 1, method: 'tools/call', params: { _meta, name: header } }, () => header)
      } catch (cause) {
        expect(cause).toBeInstanceOf(RpcError)
      }
    }),
    { examples: [[{ 'io.modelcontextprotocol/protocolVersion': { toString: 0 } }, undefined]] }
  )
})

it('no argument changes which call of the API a tool makes', () => {
  const text = fc.oneof(fc.string(), fc.constantFrom('../..', 'a/b', '?x=1', '#', '%2e%2e', 'cmt_1', '..'))
  fc.assert(
    fc.property(fc.constantFrom(...TOOLS), fc.func(fc.oneof(text, fc.jsonValue())), (tool, choose) => {
      const call = toApiCall(tool, Object.fromEntries(tool.takes.map((name) => [name, choose(name)])))
      if (typeof call === 'string') return
      const { pathname } = new URL(call.path, 'https://example.com')
      expect(pathname).toMatch(new RegExp(`^${tool.path.replace(/\{\w+\}/g, '[\\w-]+')}$`))
      expect(call.method).toBe(tool.method)
    })
  )
})

it('the names and descriptions of tools are short enough for every client', () => {
  for (const { name, title, description } of TOOLS) {
    expect(name).toMatch(/^[a-z_]{1,40}$/)
    expect(title.length).toBeLessThan(60)
    expect(description.length).toBeLessThan(300)
  }
})
