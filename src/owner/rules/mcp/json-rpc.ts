import { isObject } from '../../../kit/lib/json'

/* JSON-RPC 2.0, as MCP uses it: no batches, and parameters by name. https://www.jsonrpc.org/specification */

const INVALID_REQUEST = -32_600
export const METHOD_NOT_FOUND = -32_601
export const INVALID_PARAMS = -32_602
/** The headers of a request do not match its body. */
export const HEADER_MISMATCH = -32_020
export const UNSUPPORTED_VERSION = -32_022

type RequestId = string | number
export type RpcParams = Readonly<Record<string, unknown>>

export interface RpcRequest {
  /** Null for a notification, which gets no response. */
  id: RequestId | null
  method: string
  params: RpcParams
}

/** An error as the client gets it. @param status of the HTTP response */
export class RpcError extends Error {
  override name = 'RpcError'

  constructor(
    readonly code: number,
    message: string,
    readonly status: 200 | 400 | 404 = 200,
    readonly data?: RpcParams
  ) {
    super(message)
  }
}

/** @param value the parsed body @throws RpcError if it is not one request or notification */
export function readRequest(value: unknown): RpcRequest {
  if (Array.isArray(value)) throw malformed('Batches are not supported. Send one request at a time.')
  if (!isObject(value) || value.jsonrpc !== '2.0')
    throw malformed('Send a JSON-RPC 2.0 request, with "jsonrpc": "2.0".')
  const { id = null, method, params = {} } = value
  if (typeof method !== 'string') throw malformed('"method" must be a string.')
  if ('id' in value && !isRequestId(id)) throw malformed('"id" must be a string or a whole number.')
  if (!isObject(params)) throw malformed('"params" must be an object.')
  return { id: isRequestId(id) ? id : null, method, params }
}

/** @returns the ID of the request, if the body has one, for an error about the body */
export const idIn = (value: unknown): RequestId | null => (isObject(value) && isRequestId(value.id) ? value.id : null)

const isRequestId = (value: unknown): value is RequestId => typeof value === 'string' || Number.isSafeInteger(value)

const malformed = (detail: string): RpcError => new RpcError(INVALID_REQUEST, detail, 400)
export const resultResponse = (id: RequestId, result: object): object => ({ jsonrpc: '2.0', id, result })

export function errorResponse(id: RequestId | null, { code, message, data }: RpcError): object {
  return { jsonrpc: '2.0', id, error: { code, message, ...(data && { data }) } }
}
