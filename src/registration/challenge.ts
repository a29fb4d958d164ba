import { serializePayload } from '../core/events/catalogue'
import { toHex } from '../core/lib/bytes'
import { freshId, randomBytes } from '../db/ids'
import type { EndpointRow } from '../endpoints/store'
import { call } from '../outbound/http/call'
import { explainFailure } from '../outbound/http/explain-failure'
import { writeRequest } from '../outbound/http/signed-request'

/** Short, because a person is waiting for the response. */
const CHALLENGE_DEADLINE_MS = 10_000

/**
 * Asks a URL whether it accepts events, so that nobody can register somebody else's URL. Sends a signed
 * `endpoint.verify` event and expects its challenge in the response. A server that echoes the whole request fails.
 * @param endpoint an endpoint that has not been stored yet
 * @returns null if the challenge was answered, otherwise what happened and what to do, for the integrator
 */
export async function challengeEndpoint(env: Env, endpoint: EndpointRow, now: number): Promise<string | null> {
  const id = freshId('msg', now)
  const challenge = toHex(randomBytes(16))
  const data = { challenge, event_types: JSON.parse(endpoint.event_types) }
  const message = { id, type: 'endpoint.verify', payload: serializePayload(id, 'endpoint.verify', now, data), hops: 0 }
  const { headers, body } = await writeRequest(env, { ...endpoint, text: null }, message, now)
  const request = { method: 'POST', headers, body } as const
  const called = await call(endpoint.url, request, CHALLENGE_DEADLINE_MS)
  if (called.error_class === 'deadline') return 'It did not respond within 10 seconds.'
  if (called.outcome !== 'delivered') return explainFailure(called) ?? 'It did not respond as expected.'
  if (answers(called.response_excerpt ?? '', challenge)) return null
  return 'It responded without the challenge. Respond to endpoint.verify with the value of data.challenge, as text or as {"challenge": "..."}.'
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
