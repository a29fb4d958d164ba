import { timeOfId } from '../../../kit/lib/ids'
import { MINUTE_MS } from '../../../kit/lib/time'
import type { Trigger } from './delivery-state'

/*
 * How each attempt is counted exactly once without an index entry for each. Attempts that start soon after the time in
 * the id of their message are found with the messages of that time. Only the others need an index: mostly retries.
 */

/**
 * An attempt this long after the time of its message is late. Must be shorter than `LAG_MS` by an attempt's deadline.
 * A publisher may choose an id with a later time. The messages of that time are not counted until it comes, so an
 * attempt that is this early is counted by its own time, too.
 */
export const LATE_MS = MINUTE_MS

type Attempt = { trigger: Trigger; started_at: number }

/**
 * What a person asks for is always late, to find the progress of replays.
 * @returns when it started, if it was late or early
 */
export function lateAt(message_id: string, { trigger, started_at }: Attempt): number | null {
  const isLate = trigger === 'manual' || Math.abs(started_at - timeOfId(message_id)) >= LATE_MS
  return isLate ? started_at : null
}
