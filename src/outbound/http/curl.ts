import { redactHeaders } from '../../core/delivering/custom-headers'
import { curlCommand } from '../../core/lib/curl'
import { findEndpoint } from '../../endpoints/store'
import { findText } from '../../endpoints/texts/column'
import { logFault } from '../../log'
import { readDigest } from '../digest'
import { type SentMessage, writeRequest } from './signed-request'

/**
 * Writes the request as a curl command with a new signature, because receivers reject timestamps older than five
 * minutes.
 * @returns null if the endpoint was deleted, because its secret was deleted with it
 */
export async function curlFor(env: Env, endpointId: string, message: SentMessage, now: number): Promise<string | null> {
  const endpoint = await findEndpoint(env, endpointId)
  if (!endpoint) return null
  try {
    const text = findText(endpoint.texts, message.type)
    const sent =
      endpoint.digest_hour === null
        ? message
        : { ...message, digest: await readDigest(env, { endpoint_id: endpointId, message_id: message.id }) }
    const { method, url, customHeaders, headers, body } = await writeRequest(env, { ...endpoint, text }, sent, now)
    if (endpoint.format === 'email') return '# An e-mail is not an HTTP request.'
    const shown = Object.entries({ ...redactHeaders(customHeaders), ...headers })
    return curlCommand({ method, url, headers: shown, body })
  } catch (cause) {
    // The page that explains a failed delivery must still load if the endpoint's secrets cannot be decrypted.
    logFault('delivery.sender_fault', cause, { endpoint_id: endpointId })
    return `# This request cannot be signed. ${cause instanceof Error ? cause.message : cause}`
  }
}
