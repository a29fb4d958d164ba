import { isSending, type ShownDelivery } from './queries'

/**
 * The page may be reloaded late, so the state decides.
 * @param done `retry`, or `pending` if the delivery was due soon, so nothing changed
 * @returns what to say about the retry; undefined if there is nothing to say
 */
export function retryNotice(done: string | undefined, delivery: ShownDelivery, now: number): string | undefined {
  const { status, next_attempt_at } = delivery
  if ((done !== 'retry' && done !== 'pending') || status === 'canceled') return undefined
  const isSent = done === 'retry'
  if (status === 'delivered') return 'The message was sent again, and delivered.'
  if (status === 'failed') return 'The message was sent again, and failed. The newest attempt says why.'
  if (next_attempt_at === null)
    return isSent
      ? 'The message was sent again, and failed. It waits until its endpoint works again.'
      : 'The message will be sent again as soon as its endpoint can receive it.'
  if (isSending(delivery) || next_attempt_at <= now) return 'The message is being sent again, with the same ID.'
  return isSent
    ? 'The message was sent again, and failed. The next attempt is scheduled.'
    : 'The retry changed nothing, because the next attempt was due soon anyway.'
}
