import { notFound } from '../../http/problem'
import { curlFor } from '../http/curl'
import { type DeliveryRow, findDelivery, findMessage, listAttempts } from './queries'

/** Reads a delivery with its attempts, its message, and a curl command that repeats the request. @throws Refusal 404 */
export async function readDelivery(env: Env, key: Pick<DeliveryRow, 'endpoint_id' | 'message_id'>, now: number) {
  const [delivery, attempts, message] = await Promise.all([
    findDelivery(env, key),
    listAttempts(env, key),
    findMessage(env, key.message_id),
  ])
  if (!delivery || !message) throw notFound('delivery')
  return { delivery, attempts, message, curl: await curlFor(env, key.endpoint_id, message, now) }
}
