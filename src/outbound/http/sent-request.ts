import { redactHeaders } from '../../core/delivering/custom-headers'
import { SecretsKeyError } from '../../db/sealing'
import type { EndpointRow } from '../../endpoints/store'
import { type SentMessage, writeRequest } from './signed-request'

/** The request of an attempt, as a developer looks at it. */
export interface SentRequest {
  method: 'POST'
  url: string
  /** Values of custom headers that look like secrets are redacted. */
  headers: [name: string, value: string][]
  body: string
  /** False if the endpoint has been changed since the attempt, so that the request may have been different. */
  is_exact: boolean
}

/**
 * Writes the request of an attempt again, instead of storing it: the same keys, payload and time give the same headers,
 * byte for byte.
 * @param started_at when the attempt started, in epoch milliseconds
 * @returns null if the secrets cannot be decrypted
 */
export async function sentRequest(
  env: Env,
  endpoint: EndpointRow,
  message: SentMessage,
  started_at: number
): Promise<SentRequest | null> {
  try {
    const { customHeaders, headers, body } = await writeRequest(env, endpoint, message, started_at)
    const shown = Object.entries({ ...redactHeaders(customHeaders), ...headers })
    return { method: 'POST', url: endpoint.url, headers: shown, body, is_exact: endpoint.updated_at <= started_at }
  } catch (cause) {
    if (cause instanceof SecretsKeyError) return null
    throw cause
  }
}
