import { type EndpointHealth, type Lane, laneFor } from '../../rules/delivering/endpoint-health'
import { DEADLINE_MS } from '../http/call'

/*
 * Which receivers keep an attempt waiting, as this isolate knows before the database. Their next deliveries take the
 * patient lane at once. Only a hint: whether a receiver is slow is stored when its attempt ends.
 */

/** A receiver that takes longer than this would delay the other receivers in its work order. */
const HANGS_AFTER_MS = 100
/** Longer than any attempt takes. An invocation that was cut off never records the end of its attempts. */
const FORGET_AFTER_MS = DEADLINE_MS + 5_000

/** When the current attempts started, by endpoint. */
const underWay = new Map<string, Set<{ at: number }>>()

/** Records that an attempt has started. @returns a function to call when the attempt has ended */
export function noteBegin(endpoint_id: string, now: number): () => void {
  const attempt = { at: now }
  const attempts = underWay.get(endpoint_id) ?? new Set()
  underWay.set(endpoint_id, attempts.add(attempt))
  return () => {
    attempts.delete(attempt)
    if (attempts.size === 0) underWay.delete(endpoint_id)
  }
}

type Receiver = { id: string } & Pick<EndpointHealth, 'consecutive_failures' | 'slow_until'>

/** The lane of the next delivery to an endpoint. It is also patient while an attempt has been waiting for long. */
export function laneNow(endpoint: Receiver, now: number): Lane {
  const isHanging = waits(endpoint.id, now).some((ms) => ms >= HANGS_AFTER_MS)
  return isHanging ? 'patient' : laneFor(endpoint, now)
}

/** Puts receivers last that have not answered an earlier request yet: they may hang, and would delay the others. */
export function busyLast<T extends { endpoint: { id: string } }>(sendings: T[], now: number): T[] {
  const isBusy = ({ endpoint }: T) => waits(endpoint.id, now).length > 0
  return [...sendings.filter((one) => !isBusy(one)), ...sendings.filter(isBusy)]
}

/** How long the current attempts to an endpoint have been waiting, in milliseconds. */
function waits(endpoint_id: string, now: number): number[] {
  const attempts = [...(underWay.get(endpoint_id) ?? [])]
  return attempts.map(({ at }) => now - at).filter((ms) => ms <= FORGET_AFTER_MS)
}
