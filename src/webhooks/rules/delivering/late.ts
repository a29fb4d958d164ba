import { timeOfId } from '../../../kit/lib/ids'
import { MINUTE_MS } from '../../../kit/lib/time'
import type { Trigger } from './delivery-state'

/* Counts each attempt once without an index entry: those that start soon are found with the messages of that time. */

/** An attempt this long after its message is late. Must be shorter than `LAG_MS` by an attempt's deadline. */
export const LATE_MS = MINUTE_MS

type Attempt = { trigger: Trigger; started_at: number }

/** For the progress of replays, what a person asks for is always late. @returns when it started, if it was late */
export function lateAt(message_id: string, { trigger, started_at }: Attempt): number | null {
  const isLate = trigger === 'manual' || started_at - timeOfId(message_id) >= LATE_MS
  return isLate ? started_at : null
}
