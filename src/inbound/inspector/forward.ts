import { forwardedHeaders, forwardMethod } from '../../core/delivering/forwarded-request'
import { checkEndpointUrl } from '../../core/delivering/url-policy'
import { fromBase64, utf8 } from '../../core/lib/bytes'
import { urlPolicy } from '../../endpoints/url'
import { invalid, Refusal, tooMany } from '../../http/problem'
import { withinLimit } from '../../http/rate-limit'
import { call } from '../../outbound/http/call'
import { explainReason } from '../messages/explain-reason'
import { type LoadedInbound, requireInbound } from '../messages/load'
import { appendLog, logEntry } from '../messages/log'
import { hasSecretQuery, isCredential } from '../messages/stored-request'
import type { ReplayIn, SentOut } from './schemas'

/**
 * Sends the stored request somewhere, as it was or as it was edited, and shows what comes back.
 * @throws Refusal 404, 409 when the body is gone, 422 for a URL that the policy refuses, 429 over the limit of tests
 */
export async function sendStored(
  env: Env,
  id: string,
  input: ReplayIn & { to: string },
  ownOrigin: string,
  now: number
): Promise<SentOut> {
  const loaded = await requireInbound(env, id)
  const url = checkEndpointUrl(input.to, urlPolicy(env, ownOrigin))
  if (!url.ok) throw invalid([{ path: 'to', message: url.error.detail }])
  if (!(await withinLimit(env.TEST_LIMIT, 'test')))
    throw tooMany('That is enough tests for this minute. Wait a little.')
  const sent = await send(url.value, loaded, input)
  await note(env, id, url.value, sent, now)
  return sent
}

async function send(url: string, loaded: LoadedInbound, input: ReplayIn): Promise<SentOut> {
  const method = input.method ?? forwardMethod(loaded.request.method)
  const bodyless = method === 'GET'
  const body = bodyless ? undefined : bodyOf(loaded, input)
  const headers = new Headers()
  const sent = input.headers ? forwardedHeaders(input.headers) : headersOf(loaded, input)
  for (const [name, value] of sent) headers.append(name, value)
  const started = Date.now()
  const called = await call(withQuery(url, loaded), { method, headers, ...(body && { body }) })
  return {
    outcome: called.outcome,
    status_code: called.status_code,
    error_class: called.error_class,
    duration_ms: Date.now() - started,
    headers: [...(called.answer ?? [])],
    body: called.excerpt,
  }
}

/** What is a secret by itself goes along only when that is asked for: the other side may be anybody's. */
function headersOf({ request, source }: LoadedInbound, { credentials = false }: ReplayIn) {
  const sent = forwardedHeaders(request.headers)
  return credentials ? sent : sent.filter(([name]) => !isCredential(name, source.provider))
}

/** What was asked is part of the request; a URL with a query of its own says what to ask. */
function withQuery(url: string, { request, source }: LoadedInbound): string {
  const isSecret = hasSecretQuery(source.provider)
  return request.query === '' || isSecret || url.includes('?') ? url : `${url}?${request.query}`
}

function bodyOf({ row, request, hasBody }: LoadedInbound, { body, body_base64 }: ReplayIn) {
  if (body !== undefined) return utf8(body)
  if (body_base64 !== undefined) return bytesOf(body_base64)
  if (hasBody) return request.body
  const detail = `${explainReason('body_removed')} (It had ${row.size} bytes.) Give one to send.`
  throw new Refusal(409, 'body_removed', detail)
}

/** @throws Refusal 422 */
function bytesOf(base64: string) {
  const bytes = fromBase64(base64)
  if (bytes !== null) return bytes
  throw invalid([{ path: 'body_base64', message: 'Write base64, with its padding.' }])
}

async function note(env: Env, id: string, url: string, sent: SentOut, now: number) {
  const { host } = new URL(url)
  const answer = sent.status_code === null ? sent.outcome : `${sent.outcome}, ${sent.status_code}`
  await env.DB.prepare(`update inbound_messages set log = ${appendLog('?2')} where id = ?1`)
    .bind(id, logEntry(now, 'sent', `Sent to ${host}: ${answer}.`))
    .run()
}
