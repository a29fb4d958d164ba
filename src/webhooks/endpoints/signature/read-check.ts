import { sentRequest } from '../../send/http/sent-request'
import { findMessage, listAttempts } from '../../send/messages/queries'
import type { EndpointRow } from '../store'

/** A longer body would make the page of the endpoint slow. The page of its delivery shows it. */
const MAX_BODY = 16_384

/** Writes the last request to an endpoint again, for the check of its signature. @param last what was sent last */
export async function readCheck(env: Env, endpoint: EndpointRow, last: { message_id: string } | null | undefined) {
  if (!last) return { sent: null }
  const { message_id } = last
  const key = { endpoint_id: endpoint.id, message_id }
  const [message, [attempt]] = await Promise.all([findMessage(env, message_id), listAttempts(env, key)])
  if (!message || message.erased_at !== null || !attempt) return { sent: null }
  const sent = await sentRequest(env, endpoint, message, attempt)
  return { sent: sent && sent.body.length <= MAX_BODY ? sent : null }
}
