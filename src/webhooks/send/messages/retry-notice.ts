import { type DeliveryRow, isSending } from './queries'

/** The page may be reloaded late, so the state decides. @param done `pending`: it was due soon, so nothing changed */
export function retryNotice(done: string | undefined, delivery: DeliveryRow, now: number): string | undefined {
  if (done !== 'retry' && done !== 'pending') return undefined
  const { status, next_attempt_at } = delivery
  if (status === 'delivered') return 'The message was sent again, and delivered.'
  if (status === 'failed') return 'The message was sent again, and failed. The newest attempt says why.'
  if (status === 'canceled') return undefined
  if (next_attempt_at === null) return 'The message will be sent again as soon as its endpoint can receive it.'
  if (isSending(delivery) || next_attempt_at <= now) return 'The message is being sent again, with the same ID.'
  if (done === 'retry') return 'The message was sent again, and failed. The next attempt is scheduled.'
  return 'The retry changed nothing, because the next attempt was due soon anyway.'
}
