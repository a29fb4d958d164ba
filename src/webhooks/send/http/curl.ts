import { curlCommand } from '../../../kit/lib/requests/curl'
import { logFault } from '../../../log'
import type { EndpointRow } from '../../endpoints/store'
import { receiverSource } from '../../rules/delivering/built-in-receiver'
import type { Trigger } from '../../rules/delivering/delivery-state'
import { formatOf } from '../../rules/events/formats'
import { writeAgain } from './sent-request'
import type { SentMessage } from './signed-request'

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
