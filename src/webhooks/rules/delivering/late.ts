import { timeOfId } from '../../../kit/lib/ids'
import { MINUTE_MS } from '../../../kit/lib/time'
import type { Trigger } from './delivery-state'

/*
 * How each attempt is counted exactly once, without an index entry for each. Attempts that start soon after their
 * message are found with the messages of that time. Only the others, retries above all, need an index.
 */

/**
 * An attempt that starts this long after its message is late. Must be shorter than `LAG_MS` by an attempt's deadline.
 */
export const LATE_MS = MINUTE_MS

type Attempt = { trigger: Trigger; started_at: number }

/**
 * What a person has asked for always counts as late, so that the progress of a replay is found in the same way.
 * @returns when the attempt started, if it was late; otherwise null
 */
export function lateAt(message_id: string, { trigger, started_at }: Attempt): number | null {
  const isLate = trigger === 'manual' || started_at - timeOfId(message_id) >= LATE_MS
  return isLate ? started_at : null
}
