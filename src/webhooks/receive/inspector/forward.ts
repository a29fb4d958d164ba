import * as z from 'zod'
import type { Context } from '../../../kit/context'
import { readSetting, saveSetting } from '../../../kit/db/settings'
import { run } from '../../../kit/db/statements'
import { invalidField, Refusal, tooMany } from '../../../kit/http/problem'
import { WAIT, withinLimit } from '../../../kit/http/rate-limit'
import { type Bytes, fromBase64, utf8 } from '../../../kit/lib/bytes'
import type { Clock } from '../../../kit/lib/time'
import { hostOf } from '../../../kit/lib/url'
import { urlPolicy } from '../../endpoints/url'
import { forwardedHeaders, forwardMethod } from '../../rules/delivering/connection-headers'
import { HOPS_HEADER } from '../../rules/delivering/hops'
import { checkEndpointUrl } from '../../rules/delivering/url-policy'
import { hasSecretQuery } from '../../rules/verifying/credentials'
import { call } from '../../send/http/call'
import { explainRequestReason } from '../messages/explain-reason'
import { type LoadedInbound, requireInbound } from '../messages/load'
import { logEntry } from '../messages/log'
import { ADD_LOG_ENTRY } from '../messages/store'
import { hopsAfter, isCredential, shownBody } from '../messages/stored-request'
import type { ReplayIn, SentOut } from './schemas'

/**
 * Forwards a stored request, as received or edited, and logs the result. @param input `to`, and what else is changed
 * @throws Refusal 404; 409 if the body has been removed; 422 if the URL policy rejects `to`; 429 after too many tests
 */
export async function sendStored({ env, now, clock, origin }: Context, id: string, input: ReplayIn & { to: string }) {
  const loaded = await requireInbound(env, id)
  const url = checkEndpointUrl(input.to, urlPolicy(env, origin))
  if (!url.ok) throw invalidField('to', url.error.detail)
  if (!(await withinLimit(env.TEST_LIMIT, 'test'))) throw tooMany(`Too many test requests. ${WAIT}, then try again.`)
  const sent = await send(env, url.value, loaded, input, clock)
  const result = sent.status_code === null ? sent.outcome : `${sent.outcome}, ${sent.status_code}`
  const log_entry = logEntry(now, 'sent', `Forwarded to ${hostOf(url.value)}: ${result}.`)
  await run(ADD_LOG_ENTRY(env, { id, log_entry }))
  return sent
}

async function send(env: Env, url: string, loaded: LoadedInbound, input: ReplayIn, clock: Clock): Promise<SentOut> {
  const method = input.method ?? forwardMethod(loaded.request.method)
  const body = method === 'GET' ? undefined : await bodyOf(env, loaded, input)
  const headers = new Headers()
  const sent = input.headers ? forwardedHeaders(input.headers) : headersOf(loaded, input)
  for (const [name, value] of sent) headers.append(name, value)
  headers.set(HOPS_HEADER, String(hopsAfter(loaded.request)))
  const started = clock()
  const called = await call(withQuery(url, loaded), { method, headers, ...(body && { body }) }, started)
  return {
    outcome: called.outcome,
    status_code: called.status_code,
    error_class: called.error_class,
    duration_ms: clock() - started,
    headers: [...(called.response_headers ?? [])],
    body: called.response_excerpt,
  }
}

/** Headers that contain a secret are sent only if `credentials` is set: the destination may belong to someone else. */
function headersOf(loaded: LoadedInbound, { credentials = false }: ReplayIn) {
  const sent = forwardedHeaders(loaded.request.headers)
  return credentials ? sent : sent.filter(([name]) => !isCredential(name, loaded))
}

/** Adds the stored query, unless it contains a secret or the destination URL already has a query. */
function withQuery(url: string, { request, source }: LoadedInbound): string {
  const isSecret = hasSecretQuery(source.provider.schemes)
  return request.query === '' || isSecret || url.includes('?') ? url : `${url}?${request.query}`
}

/** As with headers, the secret in a body is sent only if `credentials` is set. */
async function bodyOf(env: Env, loaded: LoadedInbound, input: ReplayIn): Promise<Bytes> {
  const { row, request, whyIncomplete } = loaded
  const { body, body_base64, credentials = false } = input
  if (body !== undefined) return utf8(body)
  if (body_base64 !== undefined) return bytesOf(body_base64)
  if (whyIncomplete === null) return credentials ? request.body : shownBody(loaded)
  const detail = `${await explainRequestReason(env, whyIncomplete)} It had ${row.size} bytes. Provide a body to forward.`
  throw new Refusal(409, whyIncomplete, detail)
}

/** @throws Refusal 422 */
function bytesOf(base64: string) {
  const bytes = fromBase64(base64)
  if (bytes === null) throw invalidField('body_base64', 'Use padded base64.')
  return bytes
}

/* Where the owner has forwarded webhooks to, so that it need not be typed again. */

const SETTING = 'forward_destinations'
const MAX_REMEMBERED = 5
const destinations = z.array(z.string())

/** @returns URLs, the latest first */
export const readDestinations = (env: Env): Promise<string[]> => readSetting(env, SETTING, destinations, [])

export async function rememberDestination(env: Env, url: string): Promise<void> {
  const known = await readDestinations(env)
  if (known[0] === url) return
  await saveSetting(env, SETTING, [url, ...known.filter((one) => one !== url)].slice(0, MAX_REMEMBERED))
}
