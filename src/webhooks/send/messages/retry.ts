import { notFound, Refusal } from '../../../kit/http/problem'
import { requireEndpoint } from '../../endpoints/manage'
import { laneFor } from '../../rules/delivering/endpoint-health'
import { sendOrders } from '../../work/send-orders'
import { hastenDelivery, reopenDelivery } from '../deliver/reopen-store'
import { type DeliveryRow, findDelivery, findMessage } from './queries'

/**
 * Retries a delivery manually: reopens it and sends a work order, as for any other delivery. The message id stays the
 * same, and the next attempt gets the next number.
 * @param hasten whether to make a pending delivery due now; otherwise, a pending delivery is not changed
 * @throws Refusal 404, or 409 if the endpoint is disabled or the message has been erased
 */
export async function retryDelivery(
  env: Env,
  key: Pick<DeliveryRow, 'endpoint_id' | 'message_id'>,
  now: number,
  hasten = false
): Promise<{ reopened: boolean; delivery: DeliveryRow }> {
  const before = await findDelivery(env, key)
  if (!before) throw notFound('delivery')
  if (before.status === 'pending' && !hasten) return { reopened: false, delivery: before }
  const endpoint = await requireEndpoint(env, key.endpoint_id)
  if (endpoint.status !== 'enabled') {
    throw new Refusal(409, 'endpoint_disabled', 'The endpoint is disabled. Enable it, then retry the delivery.')
  }
  await requirePayload(env, key.message_id)
  const ref = (await reopenDelivery(env, key, now)) ?? (hasten ? await hastenDelivery(env, key, now) : null)
  if (ref) await sendOrders(env, laneFor(endpoint, now), [ref], { release: 'manual' })
  const delivery = await findDelivery(env, key)
  if (!delivery) throw notFound('delivery')
  return { reopened: ref !== null, delivery }
}

/** @throws Refusal 409 */
async function requirePayload(env: Env, message_id: string): Promise<void> {
  const message = await findMessage(env, message_id)
  if (message?.erased_at == null) return
  const detail = 'This message cannot be sent again, because the entry or inbound message that it reports was deleted.'
  throw new Refusal(409, 'message_erased', detail)
}
