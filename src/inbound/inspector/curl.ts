import { forwardedHeaders } from '../../core/delivering/connection-headers'
import { decodeUtf8, toBase64 } from '../../core/lib/bytes'
import { quote } from '../../outbound/http/curl'
import type { LoadedInbound } from '../messages/load'
import { hasSecretQuery, isCredential } from '../messages/stored-request'

type Headers = readonly (readonly [string, string])[]

/** @returns the headers, with `hidden` in place of each value that contains a secret */
export function shownHeaders({ source }: LoadedInbound, headers: Headers, hidden: string): [string, string][] {
  return headers.map(([name, value]) => [name, isCredential(name, source.provider) ? hidden : value])
}

/** @returns the query with its question mark, or a question mark and `hidden` if the query contains a secret */
export function shownQuery({ request, source }: LoadedInbound, hidden: string): string {
  if (request.query === '') return ''
  return `?${hasSecretQuery(source.provider) ? hidden : request.query}`
}

/** A longer body is not included in the command, which reads it from a file instead. */
const MAX_BODY_BYTES = 16 * 1_024

/** Writes the stored request as a curl command, with `<secret>` in place of each secret. */
export function inboundCurl(loaded: LoadedInbound): string {
  const { row, request, path } = loaded
  const url = quote(`${row.origin}${path}${shownQuery(loaded, '<secret>')}`)
  const headers = shownHeaders(loaded, forwardedHeaders(request.headers), '<secret>').map(
    ([name, value]) => `-H ${quote(`${name}: ${value}`)}`
  )
  const { pipe = '', data } = dataOf(loaded)
  return [`${pipe}curl -X ${row.method} ${url}`, ...headers, ...data].join(' \\\n  ')
}

/** A shell argument cannot contain binary data, so the command pipes the data to curl. */
function dataOf({ row, request }: LoadedInbound): { pipe?: string; data: string[] } {
  if (row.size === 0) return { data: [] }
  if (row.size > MAX_BODY_BYTES) return { data: ['--data-binary @body  # the downloaded body'] }
  const text = decodeUtf8(request.body)
  if (text !== null && !text.includes('\0')) return { data: [`--data-binary ${quote(text)}`] }
  return { pipe: `echo ${toBase64(request.body)} | base64 -d | `, data: ['--data-binary @-'] }
}
