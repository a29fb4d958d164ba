import type { Bytes } from '../../../kit/lib/bytes'
import { cut } from '../../../kit/lib/text/shorten'
import type { ForwardMethod } from '../../rules/delivering/connection-headers'
import { type ErrorClass, judgeFailure, judgeResponse, type Outcome } from '../../rules/delivering/outcome'

/** One deadline for the connection, the headers and the body. Standard Webhooks recommends 15 to 30 seconds. */
export const DEADLINE_MS = 15_000

interface CallRequest {
  method: ForwardMethod | 'OPTIONS'
  headers: Record<string, string> | Headers
  body?: string | Bytes
}

/** The result of one HTTP request to a receiver. */
export interface Exchange {
  outcome: Outcome
  error_class: ErrorClass | null
  status_code: number | null
  retry_after_ms: number | null
  /** The first bytes of the response body as text, or the target of a redirect; null if there is nothing to show. */
  response_excerpt: string | null
}

/**
 * The only call of receivers: one deadline, no redirects, a part of the response. A failure is an outcome, not thrown.
 * @param url just allowed by the URL policy @param now a date in Retry-After counts from then, so no retry is early
 */
export async function call(url: string, request: CallRequest, now: number, deadlineMs = DEADLINE_MS) {
  const signal = AbortSignal.timeout(deadlineMs)
  try {
    const response = await fetch(url, { ...request, redirect: 'manual', signal })
    return { ...(await judge(response, now, signal)), response_headers: response.headers }
  } catch (cause) {
    const verdict = judgeFailure(toError(cause))
    return { ...verdict, status_code: null, response_excerpt: null, response_headers: null }
  }
}

/** Reads the beginning of the body. @param now when the request was sent @param signal the deadline of the exchange */
export async function judge(response: Response, now: number, signal: AbortSignal): Promise<Exchange> {
  const { status: status_code, headers } = response
  const verdict = judgeResponse(status_code, headers.get('Retry-After'), now)
  const { response_excerpt, failure } = await readResponse(response, signal)
  // An error status is conclusive. A success whose response was cut off may not have been a success.
  if (failure && verdict.outcome === 'delivered') return { ...judgeFailure(failure), status_code, response_excerpt }
  // Cloudflare's own error page does not come from the receiver, so it is not shown as the receiver's response.
  const isPlatformPage = verdict.error_class === 'origin_unreachable'
  return { ...verdict, status_code, response_excerpt: isPlatformPage ? null : response_excerpt }
}

/** The maximum number of response bytes that are stored. */
export const EXCERPT_BYTES = 1_024
/** The maximum number of bytes read from a response, including headers. After that, the connection is dropped. */
const RESPONSE_CAP_BYTES = 64 * 1_024

/** Reads the start of a body. A stall is a failure, but reaching the cap is none: the status has decided the result. */
async function readResponse(response: Response, signal: AbortSignal) {
  const { chunks, failure } = await readBody(response, signal)
  return { response_excerpt: redirectTarget(response) ?? toText(chunks), failure }
}

/** The target of a redirect is more informative than its body. `explainFailure` extracts it from the excerpt. */
function redirectTarget({ status, headers }: Response): string | null {
  const location = headers.get('Location')
  if (status < 300 || status > 399 || location === null) return null
  return cut(`Location: ${location}`, EXCERPT_BYTES)
}

/** @returns the first bytes, to be stored */
async function readBody(response: Response, signal: AbortSignal) {
  const reader = response.body?.getReader()
  const chunks: Uint8Array[] = []
  if (!reader) return { chunks, failure: null }
  let budget = RESPONSE_CAP_BYTES - headerBytes(response.headers)
  try {
    while (budget > 0) {
      const { done, value } = await untilAborted(reader.read(), signal)
      if (done) break
      budget -= value.length
      chunks.push(value.slice(0, EXCERPT_BYTES - sizeOf(chunks)))
    }
    return { chunks, failure: null }
  } catch (cause) {
    return { chunks, failure: toError(cause) }
  } finally {
    // Drops the connection. A failure to cancel does not change the outcome.
    reader.cancel().catch(() => undefined)
  }
}

/** The runtime aborts the body together with its fetch. The race enforces the deadline even if the runtime does not. */
export function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>()
  const onAbort = () => reject(signal.reason)
  if (signal.aborted) onAbort()
  signal.addEventListener('abort', onAbort, { once: true })
  return Promise.race([work, promise]).finally(() => signal.removeEventListener('abort', onAbort))
}

function headerBytes(headers: Headers): number {
  let bytes = 0
  for (const [name, value] of headers) bytes += name.length + value.length + 4
  return bytes
}

const sizeOf = (chunks: Uint8Array[]): number => chunks.reduce((size, chunk) => size + chunk.length, 0)

/** Invalid UTF-8 and control characters become visible replacement characters. D1 text cannot contain NUL. */
function toText(chunks: Uint8Array[]): string | null {
  const decoder = new TextDecoder()
  const text = chunks.map((chunk) => decoder.decode(chunk, { stream: true })).join('')
  return text.toWellFormed().replace(/[\p{Cc}--[\t\r\n]]/gv, '\uFFFD') || null
}

/** How many headers of a response are stored, and how much of each. */
const MAX_HEADERS = 30
const MAX_HEADER_CHARS = 200
/** The stored headers of a response are at most this long together. */
const HEADERS_CHARS = 2_000

/** @returns the first headers as a JSON list of pairs. The values of cookies are left out */
export function headerExcerpt(headers: Headers): string {
  let left = HEADERS_CHARS
  const shown = [...headers].slice(0, MAX_HEADERS).map(([name, value]): [string, string] => {
    const text = name === 'set-cookie' ? '(not stored)' : value
    return [cut(name, MAX_HEADER_CHARS), cut(text, MAX_HEADER_CHARS)]
  })
  const fitting = shown.filter(([name, value]) => {
    left -= name.length + value.length
    return left >= 0
  })
  return JSON.stringify(fitting)
}

export const toError = (cause: unknown): Error => (cause instanceof Error ? cause : new Error(String(cause)))
