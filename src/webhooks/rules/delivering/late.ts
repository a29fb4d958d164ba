import { timeOfId } from '../../../kit/lib/ids'
import { MINUTE_MS } from '../../../kit/lib/time'
import type { Trigger } from './delivery-state'

/*
 * How each attempt is counted exactly once without an index entry for each. Attempts that start soon after their
 * message are found with the messages of that time. Only the others, mostly retries, need an index.
 */

/** An attempt this long after its message is late. Must be shorter than `LAG_MS` by an attempt's deadline. */
export const LATE_MS = MINUTE_MS

type Attempt = { trigger: Trigger; started_at: number }

/** What a person asks for is always late, to find the progress of replays. @returns when it started, if it was late */
export function lateAt(message_id: string, { trigger, started_at }: Attempt): number | null {
  const isLate = trigger === 'manual' || started_at - timeOfId(message_id) >= LATE_MS
  return isLate ? started_at : null
}
