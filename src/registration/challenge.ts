import { serialisePayload } from '../core/events/catalogue'
import { toHex } from '../core/lib/bytes'
import { freshId, randomBytes } from '../db/ids'
import type { EndpointRow } from '../endpoints/store'
import { call } from '../outbound/http/call'
import { explainFailure } from '../outbound/http/explain-failure'
import { writeRequest } from '../outbound/http/signed-request'

/** For the whole exchange: who registers waits for it. */
const CHALLENGE_DEADLINE_MS = 10_000

/**
 * Asks a URL whether it wants to be called, by a signed `endpoint.verify` whose challenge it must answer with: else anybody could have anybody called.
 * An answer that merely repeats all that was sent is none.
 * @param endpoint as it is to be; nothing of it is stored yet
 * @returns null when it proved itself, else what happened and what to do
 */
export async function challengeEndpoint(
  env: Env,
  endpoint: EndpointRow,
  now: number
): Promise<string | null> {
  const id = freshId('msg', now)
  const challenge = toHex(randomBytes(16))
  const data = { challenge, event_types: JSON.parse(endpoint.event_types) }
  const message = { id, payload: serialisePayload(id, 'endpoint.verify', now, data) }
  const { headers, body } = await writeRequest(env, endpoint, message, now)
  const request = { method: 'POST', headers, body } as const
  const called = await call(endpoint.url, request, CHALLENGE_DEADLINE_MS)
  if (called.outcome !== 'delivered') return explainNoAnswer(called)
  if (answers(called.excerpt ?? '', challenge)) return null
  return 'It answered, but not with the challenge. Answer an endpoint.verify with the text of data.challenge, or with {"challenge": "..."}.'
}

function explainNoAnswer(called: Awaited<ReturnType<typeof call>>): string {
  const { error_class: errorClass, status_code: statusCode, excerpt } = called
  if (errorClass === 'deadline') return 'It did not answer within 10 seconds.'
  const failure = { error_class: errorClass, status_code: statusCode, response_excerpt: excerpt }
  return explainFailure(failure) ?? 'It did not answer as it should.'
}

function answers(text: string, challenge: string): boolean {
  if (text.trim() === challenge) return true
  try {
    return JSON.parse(text)?.challenge === challenge
  } catch (cause) {
    if (cause instanceof SyntaxError) return false
    throw cause
  }
}
