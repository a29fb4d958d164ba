import { Help, type HelpName } from '../../../kit/html/help'
import { type DeliveryRow, isSending } from './queries'

/** The page may be reloaded late, so the state decides. @param done `pending`: it was due soon, so nothing changed */
export function retryNotice(done: string | undefined, delivery: DeliveryRow, now: number) {
  const name = done === 'retry' || done === 'pending' ? nameFor(done, delivery, now) : undefined
  return name && <Help of={name} />
}

function nameFor(done: 'retry' | 'pending', delivery: DeliveryRow, now: number): HelpName | undefined {
  const { status, next_attempt_at } = delivery
  if (status === 'canceled') return undefined
  if (status === 'delivered') return 'retry.delivered'
  if (status === 'failed') return 'retry.failed'
  if (next_attempt_at === null) return done === 'retry' ? 'retry.parked' : 'retry.waits'
  if (isSending(delivery) || next_attempt_at <= now) return 'retry.sending'
  return done === 'retry' ? 'retry.again' : 'retry.same'
}
