import { randomBytes } from '../../kit/db/ids'
import { toHex } from '../../kit/lib/bytes'
import type { EndpointRow } from '../endpoints/store'
import { callDirectly, explainCall } from './direct-event'

/**
 * Asks a URL whether it accepts events, so that nobody can register somebody else's URL. Sends a signed
 * `endpoint.verify` event and expects its challenge in the response. A server that echoes the whole request fails.
 * @param endpoint an endpoint that has not been stored yet
 * @returns null if the challenge was answered, otherwise what happened and what to do, for the integrator
 */
export async function challengeEndpoint(env: Env, endpoint: EndpointRow, now: number): Promise<string | null> {
  const challenge = toHex(randomBytes(16))
  const data = { challenge, event_types: JSON.parse(endpoint.event_types) }
  const called = await callDirectly(env, endpoint, 'endpoint.verify', data, now)
  const failure = explainCall(called)
  if (failure !== null) return failure
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
