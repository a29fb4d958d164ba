import { redactHeaders } from '../../core/delivering/custom-headers'
import { type EndpointRow, findEndpoint } from '../../endpoints/store'
import { logFault } from '../../log'
import { writeRequest } from './signed-request'

/**
 * The request as a command for a shell, signed as of now: receivers refuse timestamps that are older than five minutes.
 * @returns null when the endpoint is deleted, and its secret with it
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
    return await signedCommand(env, endpoint, message, now)
  } catch (cause) {
    // Whoever looks why a delivery failed sees that it cannot be signed, instead of no page at all.
    logFault('delivery.sender_fault', cause, { endpoint_id: endpointId })
    return `# This cannot be signed here. ${cause instanceof Error ? cause.message : cause}`
  }
}

async function signedCommand(
  env: Env,
  endpoint: EndpointRow,
  message: { id: string; payload: string },
  now: number
): Promise<string> {
  const { own, headers, body } = await writeRequest(env, endpoint, message, now)
  const shown = { ...redactHeaders(own), ...headers }
  const lines = Object.entries(shown).map(([name, value]) => `-H ${quote(`${name}: ${value}`)}`)
  return [`curl -X POST ${quote(endpoint.url)}`, ...lines, `--data-binary ${quote(body)}`].join(
    ' \\\n  '
  )
}

/** Inside single quotes a POSIX shell takes everything as it is, but a single quote. */
export function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}
