import type { Trigger } from '../core/delivery-state'
import { type ErrorClass, judgeAnswer, judgeFailure, type Outcome } from '../core/outcome'
import { signContent } from '../core/signature'
import { checkEndpointUrl } from '../core/url-policy'
import { type SigningKeys, signingKeys } from '../endpoints/secrets'
import { urlPolicy } from '../endpoints/url'
import { logFault } from '../log'
import { EXCERPT_BYTES, readExcerpt } from './answer'

/** One deadline for the whole exchange: connecting, headers and body. Standard Webhooks advises 15 to 30 s. */
export const DEADLINE_MS = 15_000
export const USER_AGENT = 'Guesthook/0.1 (Standard Webhooks)'

export interface AttemptRequest {
  endpoint: { id: string; url: string; secrets: string }
  message: { id: string; payload: string }
  trigger: Trigger
}

/** What one HTTP request came to; times in epoch milliseconds. */
export interface AttemptResult {
  trigger: Trigger
  startedAt: number
  durationMs: number
  outcome: Outcome
  errorClass: ErrorClass | null
  statusCode: number | null
  retryAfterMs: number | null
  /** The first bytes of the answer as text, for people; null when there was none. */
  excerpt: string | null
}

type Exchange = Omit<AttemptResult, 'trigger' | 'startedAt' | 'durationMs'>

/**
 * Step 3, attempt: one signed POST, and what came of it. The only place that calls a receiver. Never throws: a fault of ours is an
 * outcome too (`sender_fault`), so that it shows in the log and is retried by the schedule.
 */
export async function attemptDelivery(env: Env, request: AttemptRequest): Promise<AttemptResult> {
  const startedAt = Date.now()
  const exchange = await tryExchange(env, request, startedAt)
  return { trigger: request.trigger, startedAt, durationMs: Date.now() - startedAt, ...exchange }
}

async function tryExchange(env: Env, request: AttemptRequest, now: number): Promise<Exchange> {
  try {
    const allowed = checkEndpointUrl(request.endpoint.url, urlPolicy(env))
    if (!allowed.ok) return failed('blocked', `url_${allowed.error.reason}`, allowed.error.detail)
    const keys = await signingKeys(env, request.endpoint.id, request.endpoint.secrets, now)
    const headers = await requestHeaders(keys, request.message, now)
    return await exchange(allowed.value, headers, request.message.payload)
  } catch (cause) {
    logFault('delivery.sender_fault', cause, { endpoint_id: request.endpoint.id })
    return failed('unreachable', 'sender_fault', 'The request could not be prepared here.')
  }
}

/**
 * The headers of one attempt. The timestamp is this attempt's, the id the message's: the same on every attempt and replay.
 * @param now epoch milliseconds
 */
export async function requestHeaders(
  keys: SigningKeys,
  message: AttemptRequest['message'],
  now: number
): Promise<Record<string, string>> {
  const content = {
    id: message.id,
    timestamp: Math.floor(now / 1_000),
    body: message.payload,
  }
  const signed = await signContent(keys.secrets, content, keys.privateKeys)
  return { 'Content-Type': 'application/json', 'User-Agent': USER_AGENT, ...signed }
}

async function exchange(
  url: string,
  headers: Record<string, string>,
  body: string
): Promise<Exchange> {
  const signal = AbortSignal.timeout(DEADLINE_MS)
  try {
    const response = await fetch(url, { method: 'POST', headers, body, redirect: 'manual', signal })
    return await readAnswer(response, signal)
  } catch (cause) {
    const failure = cause instanceof Error ? cause : new Error(String(cause))
    return { ...judgeFailure(failure), statusCode: null, excerpt: null }
  }
}

/** Reads no more of the body than the cap, within the same deadline. */
async function readAnswer(response: Response, signal: AbortSignal): Promise<Exchange> {
  const answer = { status: response.status, retryAfter: response.headers.get('Retry-After') }
  const verdict = judgeAnswer(answer, Date.now())
  const body = await readExcerpt(response, signal)
  // A refusal has said all it had to say with its status; a success that breaks off may not have been one.
  if (body.failure && verdict.outcome === 'delivered')
    return { ...judgeFailure(body.failure), statusCode: answer.status, excerpt: body.excerpt }
  // The platform's own error page is not the receiver's answer, and is not shown as if it were.
  const excerpt = verdict.errorClass === 'origin_unreachable' ? null : body.excerpt
  return { ...verdict, statusCode: answer.status, excerpt: redirectNote(response) ?? excerpt }
}

/** A redirect's body says nothing; where it points does. */
function redirectNote(response: Response): string | null {
  const location = response.headers.get('Location')
  if (response.status < 300 || response.status > 399 || location === null) return null
  return `Location: ${location}`.slice(0, EXCERPT_BYTES)
}

function failed(outcome: Outcome, errorClass: ErrorClass, excerpt: string): Exchange {
  return { outcome, errorClass, statusCode: null, retryAfterMs: null, excerpt }
}
