import { notFound } from '../../http/problem'
import { curlFor } from '../http/curl'
import { findDelivery, findMessage, listAttempts } from './queries'

/** A delivery with all that helps to see why. @throws Refusal 404 */
export async function readDelivery(
  env: Env,
  key: { message_id: string; endpoint_id: string },
  now: number
) {
  const [delivery, attempts, message] = await Promise.all([
    findDelivery(env, key),
    listAttempts(env, key),
    findMessage(env, key.message_id),
  ])
  if (!delivery || !message) throw notFound('delivery')
  return { delivery, attempts, message, curl: await curlFor(env, key.endpoint_id, message, now) }
}
