import { fromBase64, utf8 } from '../core/bytes'
import { forwardedHeaders, forwardMethod } from '../core/forward'
import { checkEndpointUrl } from '../core/url-policy'
import { call } from '../deliveries/call'
import { wakeInbound } from '../deliveries/queue'
import { urlPolicy } from '../endpoints/url'
import { invalid, notFound, Refusal, tooMany } from '../middleware/problem'
import { withinLimit } from '../middleware/visitor'
import type { ReplayIn, SentOut } from './inbound-schemas'
import { type LoadedInbound, loadInbound } from './load'
import { processInbound } from './process'
import { hasSecretQuery, isCredential } from './request'
import { appendLog, logEntry } from './settle'

/** @throws Refusal 404 */
export async function requireInbound(env: Env, id: string): Promise<LoadedInbound> {
  const loaded = await loadInbound(env, id)
  if (!loaded) throw notFound('inbound message')
  return loaded
}

const AGAIN = `status = 'new', reason = null, rev = rev + 1, step = 0`

/** A message that was dealt with is new again, and is looked at here and now. One that is new already is only looked at. */
export async function processAgain(env: Env, id: string, now: number): Promise<LoadedInbound> {
  const before = await requireInbound(env, id)
  if (isHandshake(before)) {
    throw new Refusal(
      409,
      'handshake',
      'A handshake was answered when it came. There is nothing to process.'
    )
  }
  await env.DB.prepare(
    `update inbound_messages set ${AGAIN}, next_attempt_at = ?2 + 60000, log = ${appendLog('?3')}
     where id = ?1 and status <> 'new'`
  )
    .bind(id, now, logEntry(now, 'replayed', 'To be processed again.'))
    .run()
  await processInbound(env, id, now)
  return requireInbound(env, id)
}

function isHandshake({ row }: LoadedInbound): boolean {
  return row.dedupeKey === null
}

const PAGE = 500
const PAGES = 10

const ALL_FAILED = `update inbound_messages set ${AGAIN}, next_attempt_at = ?2, log = ${appendLog('?3')}
  where id in (select id from inbound_messages indexed by inbound_failed
    where source_id = ?1 and status = 'failed' and id <= ?4 and dedupe_key is not null order by id limit ${PAGE})
  returning id`

/**
 * Whatever failed of a source (handshakes are over), oldest first: it is due now, and the sweep goes on with what is not woken at once.
 * @returns how many, and whether there are more than one call takes
 */
export async function processFailed(env: Env, sourceId: string, until: string, now: number) {
  let count = 0
  for (let page = 0; page < PAGES; page++) {
    const entry = logEntry(now, 'replayed', 'To be processed again, with all that failed.')
    const { results } = await env.DB.prepare(ALL_FAILED)
      .bind(sourceId, now, entry, until)
      .all<{ id: string }>()
    count += results.length
    if (page === 0 && results.length > 0) {
      await wakeInbound(
        env,
        results.slice(0, 100).map(({ id }) => id)
      )
    }
    if (results.length < PAGE) return { count, has_more: false }
  }
  return { count, has_more: true }
}

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
    status_code: called.statusCode,
    error_class: called.errorClass,
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
  if (body_base64 !== undefined) return fromBase64(body_base64) ?? utf8('')
  if (hasBody) return request.body
  const detail = `The body (${row.size} bytes) was removed, being old. Give one to send.`
  throw new Refusal(409, 'body_removed', detail)
}

async function note(env: Env, id: string, url: string, sent: SentOut, now: number) {
  const { host } = new URL(url)
  const answer = sent.status_code === null ? sent.outcome : `${sent.outcome}, ${sent.status_code}`
  await env.DB.prepare(`update inbound_messages set log = ${appendLog('?2')} where id = ?1`)
    .bind(id, logEntry(now, 'sent', `Sent to ${host}: ${answer}.`))
    .run()
}
