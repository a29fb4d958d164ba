import { curlCommand } from '../../../kit/lib/requests/curl'
import { forwardedHeaders } from '../../rules/delivering/connection-headers'
import { hasSecretQuery } from '../../rules/verifying/credentials'
import type { InboundHead, LoadedInbound } from '../messages/load'
import { isCredential, shownBody } from '../messages/stored-request'

type Headers = readonly (readonly [string, string])[]

/** @returns the headers, with `hidden` in place of each value that contains a secret */
export function shownRequestHeaders(head: Pick<InboundHead, 'source' | 'sealed'>, headers: Headers, hidden: string) {
  return headers.map(([name, value]): [string, string] => [name, isCredential(name, head) ? hidden : value])
}

/** @returns the query with its question mark, or a question mark and `hidden` if the query contains a secret */
export function shownQuery({ request, source }: Pick<InboundHead, 'request' | 'source'>, hidden: string): string {
  if (request.query === '') return ''
  return `?${hasSecretQuery(source.provider.schemes) ? hidden : request.query}`
}

/** A longer body is not included in the command, which reads the downloaded body instead. */
const MAX_BODY_BYTES = 16 * 1_024

/** `<secret>` stands for each secret. @param origin our own: the sender chose that of the stored request */
export function inboundCurl(loaded: LoadedInbound, origin: string): string {
  const { row, request, path } = loaded
  return curlCommand({
    method: row.method,
    url: `${origin}${path}${shownQuery(loaded, '<secret>')}`,
    headers: shownRequestHeaders(loaded, forwardedHeaders(request.headers), '<secret>'),
    body: shownBody(loaded),
    file: row.size > MAX_BODY_BYTES ? row.id : undefined,
  })
}
