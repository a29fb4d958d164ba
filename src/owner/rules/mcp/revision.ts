import { isObject } from '../../../kit/lib/json'
import { cut } from '../../../kit/lib/text/shorten'
import { HEADER_MISMATCH, INVALID_PARAMS, RpcError, type RpcRequest, UNSUPPORTED_VERSION } from './json-rpc'

/*
 * Two generations of MCP. Until 2025-11-25, a client opens with `initialize`. Since 2026-07-28, there is no such
 * handshake: each request names its revision in `_meta`, and repeats parts of its body in headers.
 * https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/streamable-http
 */

/** The latest comes first. */
export const MODERN = ['2026-07-28'] as const
export const LEGACY = ['2025-11-25', '2025-06-18'] as const
const SUPPORTED: readonly string[] = [...MODERN, ...LEGACY]
const META = 'io.modelcontextprotocol/'
export const SERVER_INFO_KEY = `${META}serverInfo`

/** @param name in lower case @returns its value, or undefined if the request does not have it */
type ReadHeader = (name: string) => string | undefined

/** @returns whether its revision has no handshake @throws RpcError if we do not support it, or headers do not match */
export function isModern(request: RpcRequest, header: ReadHeader): boolean {
  const meta = isObject(request.params._meta) ? request.params._meta : {}
  const named = meta[`${META}protocolVersion`]
  if (named === undefined) {
    requireLegacy(header('mcp-protocol-version'))
    return false
  }
  if (!isOneOf(MODERN, named)) throw unsupported(named)
  if (!isObject(meta[`${META}clientCapabilities`])) throw missing('clientCapabilities')
  // A notification gets no response, so nothing depends on its headers.
  if (request.id !== null) requireHeaders(request, named, header)
  return true
}

/** A request of the older generation may name its revision in a header. `initialize` negotiates another one. */
function requireLegacy(version: string | undefined): void {
  if (version === undefined || isOneOf(LEGACY, version)) return
  throw isOneOf(MODERN, version) ? missing('protocolVersion') : unsupported(version)
}

function requireHeaders({ method, params }: RpcRequest, version: string, header: ReadHeader): void {
  const wanted: [name: string, value: unknown][] = [
    ['mcp-protocol-version', version],
    ['mcp-method', method],
  ]
  if (method === 'tools/call') wanted.push(['mcp-name', params.name])
  for (const [name, value] of wanted) {
    if (decoded(header(name)) === value) continue
    throw new RpcError(HEADER_MISMATCH, `The header "${name}" must match the body.`, 400)
  }
}

/** A value that a header cannot contain is sent as `=?base64?...?=`. */
function decoded(value: string | undefined): string | undefined {
  const encoded = /^=\?base64\?([A-Za-z0-9+/]*={0,2})\?=$/.exec(value ?? '')?.[1]
  if (encoded === undefined) return value
  try {
    return new TextDecoder().decode(Uint8Array.from(atob(encoded), (char) => char.charCodeAt(0)))
  } catch (cause) {
    // An InvalidCharacterError: the length is not one that base64 has.
    if (!(cause instanceof DOMException)) throw cause
    return value
  }
}

/** @returns the revision to offer to a client that sends `initialize`. A client that does not speak it disconnects */
export const negotiate = (requested: unknown): string => (isOneOf(LEGACY, requested) ? requested : LEGACY[0])

function isOneOf(list: readonly string[], value: unknown): value is string {
  return typeof value === 'string' && list.includes(value)
}

function unsupported(requested: unknown): RpcError {
  // Not every object can become a string: {"toString":0} cannot.
  const text = typeof requested === 'string' ? requested : JSON.stringify(requested)
  const data = { supported: SUPPORTED, requested: cut(text, 100) }
  const detail = `This revision of MCP is not supported. Use one of ${SUPPORTED.join(', ')}.`
  return new RpcError(UNSUPPORTED_VERSION, detail, 400, data)
}

function missing(what: string): RpcError {
  return new RpcError(INVALID_PARAMS, `"params._meta" must contain "${META}${what}".`, 400)
}
