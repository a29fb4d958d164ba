import { redactHeaders } from '../../core/delivering/custom-headers'
import { findEndpoint } from '../../endpoints/store'
import { logFault } from '../../log'
import { writeRequest } from './signed-request'

/**
 * Writes the request as a curl command with a new signature, because receivers reject timestamps older than five
 * minutes.
 * @returns null if the endpoint was deleted, because its secret was deleted with it
 */
export async function curlFor(
  env: Env,
  endpointId: string,
  message: { id: string; payload: string },
  now: number
): Promise<string | null> {
  const endpoint = await findEndpoint(env, endpointId)
  if (!endpoint) return null
  try {
    const { customHeaders, headers, body } = await writeRequest(env, endpoint, message, now)
    const shown = { ...redactHeaders(customHeaders), ...headers }
    const lines = Object.entries(shown).map(([name, value]) => `-H ${quote(`${name}: ${value}`)}`)
    return [`curl -X POST ${quote(endpoint.url)}`, ...lines, `--data-binary ${quote(body)}`].join(' \\\n  ')
  } catch (cause) {
    // The page that explains a failed delivery must still load if the endpoint's secrets cannot be decrypted.
    logFault('delivery.sender_fault', cause, { endpoint_id: endpointId })
    return `# This request cannot be signed. ${cause instanceof Error ? cause.message : cause}`
  }
}

/** Quotes text for a POSIX shell. Between single quotes, only a single quote is special. */
export function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}
