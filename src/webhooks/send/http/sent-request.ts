import { SecretsKeyError } from '../../../kit/db/sealing'
import { curlCommand } from '../../../kit/lib/requests/curl'
import { logFault } from '../../../log'
import { findText } from '../../endpoints/condition-and-texts'
import type { EndpointRow } from '../../endpoints/store'
import { receiverSource } from '../../rules/delivering/built-in-receiver'
import { redactHeaders } from '../../rules/delivering/custom-headers'
import type { Trigger } from '../../rules/delivering/delivery-state'
import { formatOf } from '../../rules/events/formats'
import { isNewerKey } from '../../signing-keys/store'
import { withDigest } from '../deliver/calls'
import { type SentMessage, writeRequest } from './signed-request'

/** A request, as a developer looks at it. */
interface ShownRequest {
  method: 'POST' | 'PUT'
  url: string
  /** Values of custom headers that look like secrets are redacted. */
  headers: [name: string, value: string][]
  body: string
}

/** The request of an attempt. */
export interface SentRequest extends ShownRequest {
  /** False if the endpoint or the signing keys have changed since the attempt, so that the request may have differed. */
  is_exact: boolean
}

/**
 * Writes the request again, byte for byte: the same keys, payload and time give the same headers.
 * @param attempt when it started, and why. @returns null if the secrets cannot be decrypted, and for an e-mail
 */
export async function sentRequest(
  env: Env,
  endpoint: EndpointRow,
  message: SentMessage,
  { started_at, trigger }: { started_at: number; trigger: Trigger }
): Promise<SentRequest | null> {
  if (formatOf(endpoint.format).isEmail) return null
  try {
    const [shown, isNewer] = await Promise.all([
      writeAgain(env, endpoint, message, started_at, trigger),
      isNewerKey(env, started_at),
    ])
    return { ...shown, is_exact: endpoint.updated_at <= started_at && !isNewer }
  } catch (cause) {
    if (cause instanceof SecretsKeyError) return null
    throw cause
  }
}

/** Writes a request to an endpoint as it is sent at `now`, in epoch milliseconds. */
async function writeAgain(env: Env, endpoint: EndpointRow, message: SentMessage, now: number, trigger: Trigger) {
  const text = findText(endpoint.texts, message.type)
  const sent = await withDigest(env, endpoint, message, trigger)
  const { method, url, customHeaders, headers, body } = await writeRequest(env, { ...endpoint, text }, sent, now)
  return { method, url, headers: Object.entries({ ...redactHeaders(customHeaders), ...headers }), body }
}

const BUILT_IN =
  '# The built-in receiver has no URL to call. Open its request under Requests, which has a command for the source.'

/** Writes the request as a curl command with a new signature: receivers reject timestamps older than five minutes. */
export async function curlFor(env: Env, endpoint: EndpointRow, message: SentMessage, now: number, trigger: Trigger) {
  if (formatOf(endpoint.format).isEmail) return '# An e-mail is not an HTTP request.'
  if (receiverSource(endpoint.url) !== null) return BUILT_IN
  try {
    return curlCommand(await writeAgain(env, endpoint, message, now, trigger))
  } catch (cause) {
    // The page that explains a failed delivery must still load if the endpoint's secrets cannot be decrypted.
    logFault('delivery.sender_fault', cause, { endpoint_id: endpoint.id })
    return `# This request cannot be signed. ${cause instanceof Error ? cause.message : cause}`
  }
}
