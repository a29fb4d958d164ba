import { type Bytes, utf8 } from '../../kit/lib/bytes'
import { parseUrl } from '../../kit/lib/url'
import { judgeFailure } from '../../webhooks/rules/delivering/outcome'
import { checkEndpointUrl, type UrlPolicy } from '../../webhooks/rules/delivering/url-policy'
import { toError, untilAborted } from '../../webhooks/send/http/call'

/* Fetches what other sites show: pages that mention a book, and buttons. It sends nothing, and follows redirects. */

/** One deadline for all redirects, the headers and the body. */
const DEADLINE_MS = 10_000
const MAX_REDIRECTS = 5
/** The rest of a longer page is not read. */
const MAX_BYTES = 500_000

/** What is fetched. The body of another media type is not read. */
type Wanted = { type: RegExp; maxBytes: number; accept: string; purpose: string }

/** Text of some kind, or HTML that does not say so. A picture or a film has no links. */
const PAGE: Wanted = {
  type: /^$|^text\/|[/+](json|xml)$/,
  maxBytes: MAX_BYTES,
  accept: 'text/html, application/xhtml+xml, application/json;q=0.5, text/plain;q=0.5, */*;q=0.1',
  purpose: 'Webmention',
}

export type Fetched =
  | { state: 'page'; url: string; type: string; body: Bytes }
  /** The page was deleted. A 404 is not sure, because a site that is being updated may answer with it for a moment. */
  | { state: 'gone'; isSure: boolean }
  /** `isFinal`: another attempt would fail, too. */
  | { state: 'failed'; reason: string; isFinal: boolean }

/** Applies the URL policy to each redirect, too. @returns what happened: failures of the other site are not thrown */
export async function fetchSource(
  source: string,
  policy: UrlPolicy,
  { deadlineMs = DEADLINE_MS, wanted = PAGE }: { deadlineMs?: number; wanted?: Wanted } = {}
): Promise<Fetched> {
  const signal = AbortSignal.timeout(deadlineMs)
  let url = source
  for (let hops = 0; hops <= MAX_REDIRECTS; hops++) {
    const allowed = checkEndpointUrl(url, policy)
    if (!allowed.ok) return failed('blocked', true)
    const step = await fetchOne(allowed.value, wanted, signal)
    if (step.state !== 'redirect') return step
    url = step.to
  }
  return failed('too_many_redirects')
}

const failed = (reason: string, isFinal = false): Fetched => ({ state: 'failed', reason, isFinal })

type Step = Fetched | { state: 'redirect'; to: string }

async function fetchOne(url: string, wanted: Wanted, signal: AbortSignal): Promise<Step> {
  try {
    const headers = { Accept: wanted.accept, 'User-Agent': `Guesthook/0.1 (${wanted.purpose})` }
    const response = await fetch(url, { headers, redirect: 'manual', signal })
    const type = typeOf(response)
    if (response.ok && wanted.type.test(type)) {
      const body = await readStart(response, wanted.maxBytes, signal)
      return { state: 'page', url, type, body: wanted === PAGE ? inUtf8(body, response) : body }
    }
    await response.body?.cancel()
    if (response.ok) return { state: 'page', url, type, body: new Uint8Array() }
    const to = redirectTarget(response, url)
    if (to !== null) return { state: 'redirect', to }
    const isGone = response.status === 404 || response.status === 410
    return isGone ? { state: 'gone', isSure: response.status === 410 } : failed(`http_${response.status}`)
  } catch (cause) {
    return failed(judgeFailure(toError(cause)).error_class ?? 'unreachable')
  }
}

const REDIRECTS = new Set([301, 302, 303, 307, 308])

function redirectTarget({ status, headers }: Response, url: string): string | null {
  const location = headers.get('Location')
  return REDIRECTS.has(status) && location !== null ? (parseUrl(location, url)?.href ?? null) : null
}

/** @returns the media type, without parameters */
function typeOf({ headers }: Response): string {
  return (headers.get('Content-Type') ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? ''
}

/**
 * HTMLRewriter reads only UTF-8. The charset is in the header, or at the start of an HTML page. A page that calls itself
 * UTF-16 in ASCII letters is UTF-8; UTF-16 in the header is not supported. @returns the page in UTF-8
 */
function inUtf8(bytes: Bytes, response: Response): Bytes {
  const start = new TextDecoder().decode(bytes.subarray(0, 1_024))
  const said = `<meta ${response.headers.get('Content-Type')}>${/html/.test(typeOf(response)) ? start : ''}`
  const [, charset = 'utf-8'] = /<meta[^>]+charset\s*=\s*["']?([\w-]+)/i.exec(said) ?? []
  if (/^utf/i.test(charset)) return bytes
  try {
    return utf8(new TextDecoder(charset).decode(bytes))
  } catch {
    // A RangeError: there is no such charset.
    return bytes
  }
}

/** @throws an error if the body is not complete before the deadline */
async function readStart(response: Response, maxBytes: number, signal: AbortSignal): Promise<Bytes> {
  const reader = response.body?.getReader()
  const bytes = new Uint8Array(maxBytes)
  let size = 0
  try {
    while (reader && size < maxBytes) {
      const { done, value } = await untilAborted(reader.read(), signal)
      if (done) break
      const part = value.subarray(0, maxBytes - size)
      bytes.set(part, size)
      size += part.length
    }
    return bytes.subarray(0, size)
  } finally {
    // Drops the connection. A failure to cancel does not change what was read.
    reader?.cancel().catch(() => undefined)
  }
}
