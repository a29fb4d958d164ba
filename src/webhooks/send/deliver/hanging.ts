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

/** Whether an attempt to this endpoint has been waiting for a while. */
export function isHanging(endpoint_id: string, now: number): boolean {
  const attempts = underWay.get(endpoint_id) ?? []
  return [...attempts].some(({ at }) => now - at >= HANGS_AFTER_MS && now - at <= FORGET_AFTER_MS)
}
