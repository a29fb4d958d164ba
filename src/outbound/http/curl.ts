import { redactHeaders } from '../../core/delivering/custom-headers'
import { curlCommand } from '../../core/lib/curl'
import type { EndpointRow } from '../../endpoints/store'
import { logFault } from '../../log'
import { type SentMessage, writeRequest } from './signed-request'

/** Writes the request as a curl command with a new signature: receivers reject timestamps older than five minutes. */
export async function curlFor(env: Env, endpoint: EndpointRow, message: SentMessage, now: number): Promise<string> {
  try {
    const { customHeaders, headers, body } = await writeRequest(env, endpoint, message, now)
    const shown = Object.entries({ ...redactHeaders(customHeaders), ...headers })
    return curlCommand({ method: 'POST', url: endpoint.url, headers: shown, body })
  } catch (cause) {
    // The page that explains a failed delivery must still load if the endpoint's secrets cannot be decrypted.
    logFault('delivery.sender_fault', cause, { endpoint_id: endpoint.id })
    return `# This request cannot be signed. ${cause instanceof Error ? cause.message : cause}`
  }
}
