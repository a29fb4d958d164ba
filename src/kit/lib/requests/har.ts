import { type Bytes, decodeUtf8, toBase64 } from '../bytes'

/*
 * A request as an HTTP Archive, which browsers, proxies and API clients can open.
 * http://www.softwareishard.com/blog/har-12-spec/
 */

interface ArchivedRequest {
  /** When it arrived, in epoch milliseconds. */
  at: number
  method: string
  url: string
  headers: readonly (readonly [name: string, value: string])[]
  body: Bytes
}

/** @returns the archive with one entry. A body that is not text is in base64, as `encoding` says */
export function toHar({ at, method, url, headers, body }: ArchivedRequest): object {
  const text = decodeUtf8(body)
  const type = headers.find(([name]) => name.toLowerCase() === 'content-type')?.[1] ?? 'application/octet-stream'
  const postData = { mimeType: type, text: text ?? toBase64(body), ...(text === null && { encoding: 'base64' }) }
  const request = {
    method,
    url,
    httpVersion: 'HTTP/1.1',
    cookies: [],
    headers: toPairs(headers),
    queryString: toPairs([...new URLSearchParams(/\?[^#]*/.exec(url)?.[0])]),
    headersSize: -1,
    bodySize: body.length,
    ...(body.length > 0 && { postData }),
  }
  const response = {
    // Not known: nothing stores what was answered.
    status: 0,
    statusText: '',
    httpVersion: 'HTTP/1.1',
    cookies: [],
    headers: [],
    content: { size: 0, mimeType: 'x-unknown' },
    redirectURL: '',
    headersSize: -1,
    bodySize: -1,
  }
  const timings = { send: 0, wait: 0, receive: 0 }
  const entry = { startedDateTime: new Date(at).toISOString(), time: 0, request, response, cache: {}, timings }
  return { log: { version: '1.2', creator: { name: 'Guesthook', version: '0.1' }, entries: [entry] } }
}

const toPairs = (pairs: readonly (readonly [string, string])[]) => pairs.map(([name, value]) => ({ name, value }))
