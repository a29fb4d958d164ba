import { freshId } from '../../kit/db/ids'
import { spanOf } from '../../kit/lib/time'
import type { EndpointRow } from '../endpoints/store'
import { readExplanations } from '../explanations'
import { CHALLENGE_MS } from '../rules/delivering/outcome'
import { serializePayload } from '../rules/events/catalogue'
import { call, type Exchange } from '../send/http/call'
import { explainFailure } from '../send/http/explain-failure'
import { writeRequest } from '../send/http/signed-request'

/* Events about a registration. They are signed like any event, but sent at once, never stored and never retried. */

/** A URL that is verified may be a new one, but the headers that the owner set were meant for the stored one. */
export const VERIFY = 'endpoint.verify'

/** Sends one event to a URL, and waits for the response. @returns both */
export async function callDirectly(env: Env, endpoint: EndpointRow, type: string, data: object, now: number) {
  const id = freshId('msg', now)
  const message = { id, type, payload: serializePayload(id, type, now, data), hops: 0 }
  const request = await writeRequest(env, { ...endpoint, text: null }, message, now)
  const { url, method, customHeaders, body } = request
  const headers = { ...(type !== VERIFY && customHeaders), ...request.headers }
  const called = await call(url, { method, headers, body }, now, CHALLENGE_MS)
  return { request, called }
}

/** @param isChallenge its receiver may have no secret yet @returns what happened and what to do; null if it worked */
export async function explainCall(
  env: Env,
  { format }: Pick<EndpointRow, 'format'>,
  called: Exchange,
  isChallenge = false
): Promise<string | null> {
  if (called.error_class === 'deadline') return `It did not respond within ${spanOf(CHALLENGE_MS)}.`
  if (called.outcome === 'delivered') return null
  const texts = await readExplanations(env)
  return explainFailure(texts, called, { isOwner: false, format, isChallenge }) ?? 'It did not respond as expected.'
}
