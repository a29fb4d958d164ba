import { orNotFound, Refusal } from '../../../kit/http/problem'
import { requireEndpoint } from '../../endpoints/manage'
import type { EndpointRow } from '../../endpoints/store'
import { laneFor, verbFor } from '../../rules/delivering/endpoint-health'
import { sendOrders } from '../../work/send-orders'
import { resendOne } from '../deliver/resend-store'
import { findToTry } from '../resend/selection'
import { findDelivery, findMessage, isSending, type ShownDelivery } from './queries'

/* Sends one delivery again that a person names. For many, see send/resend/. */

/**
 * Sends a delivery again, in a work order like any other. The next attempt gets the next number.
 * @param hasten whether a pending one is due now, or stays. @throws Refusal 404; 409 if disabled or erased, or for a test
 */
export async function retryDelivery(
  env: Env,
  key: Pick<ShownDelivery, 'endpoint_id' | 'message_id'>,
  now: number,
  hasten: boolean
): Promise<{ reopened: boolean; delivery: ShownDelivery }> {
  const before = orNotFound(await findDelivery(env, key), 'delivery')
  if (before.status === 'pending' && (!hasten || isSending(before))) return { reopened: false, delivery: before }
  const endpoint = await requireEnabled(env, key.endpoint_id)
  await requireRepeatable(env, key.message_id)
  const ref = await resendOne(env, key, now)
  if (ref) await sendOrders(env, laneFor(endpoint, now), [ref], { release: 'manual' })
  return { reopened: ref !== null, delivery: orNotFound(await findDelivery(env, key), 'delivery') }
}

/** @throws Refusal 404, or 409 if the endpoint is disabled, because nothing is sent to a disabled endpoint */
export async function requireEnabled(env: Env, id: string): Promise<EndpointRow> {
  const endpoint = await requireEndpoint(env, id)
  if (endpoint.status === 'enabled') return endpoint
  throw new Refusal(409, 'endpoint_disabled', `Nothing is sent to this endpoint until it is ${verbFor(endpoint)}d.`)
}

/** Sends the oldest that waits, or the last that failed. @throws Refusal 409 `nothing_waiting`; see `retryDelivery` */
export async function tryEndpoint(env: Env, endpoint_id: string, now: number): Promise<ShownDelivery> {
  await requireEndpoint(env, endpoint_id)
  const message_id = await findToTry(env, endpoint_id)
  if (message_id !== null) return (await retryDelivery(env, { endpoint_id, message_id }, now, true)).delivery
  throw new Refusal(409, 'nothing_waiting', 'No delivery waits for this endpoint. Send a test instead.')
}

/** @throws Refusal 409 */
async function requireRepeatable(env: Env, message_id: string): Promise<void> {
  const message = await findMessage(env, message_id)
  if (message?.audience != null) throw new Refusal(409, 'test', 'A test is not sent again. Send another test.')
  if (message?.erased_at == null) return
  const detail = 'This message cannot be sent again, because the entry or request that it reports was deleted.'
  throw new Refusal(409, 'message_erased', detail)
}
