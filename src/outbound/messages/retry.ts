import { laneFor } from '../../core/delivering/endpoint-health'
import { requireEndpoint } from '../../endpoints/manage'
import { notFound, Refusal } from '../../http/problem'
import { sendOrders } from '../../queue/send'
import { hastenDelivery, reopenDelivery } from '../deliver/store'
import { type DeliveryRow, findDelivery } from './queries'

/**
 * A person asks again: re-opens the delivery (same message, same id, next attempt number) and sends it down the path of any other.
 * One that is pending is left as it is, unless they will not wait for its time.
 * @param hasten whether a retry that is scheduled for later is made now
 * @throws Refusal 404, or 409 when the endpoint is disabled
 */
export async function retryDelivery(
  env: Env,
  key: { endpoint_id: string; message_id: string },
  now: number,
  hasten = false
): Promise<{ reopened: boolean; delivery: DeliveryRow }> {
  const before = await findDelivery(env, key)
  if (!before) throw notFound('delivery')
  if (before.status === 'pending' && !hasten) return { reopened: false, delivery: before }
  const endpoint = await requireEndpoint(env, key.endpoint_id)
  if (endpoint.status !== 'enabled') {
    throw new Refusal(409, 'endpoint_disabled', 'The endpoint is disabled. Enable it, then retry.')
  }
  const ref =
    (await reopenDelivery(env, key, now)) ?? (hasten ? await hastenDelivery(env, key, now) : null)
  if (ref) await sendOrders(env, laneFor(endpoint, now), [ref], { release: 'manual' })
  const delivery = await findDelivery(env, key)
  if (!delivery) throw notFound('delivery')
  return { reopened: ref !== null, delivery }
}
