import { sum } from './chart'
import { countAttempts, type Figures, totalAttempts } from './figures'

/* How much of the Free plan's daily limits is used. It is an estimate, because Cloudflare does not tell a Worker. */

/** How many rows each thing writes, as in docs/ARCHITECTURE.md. Tests measure the same. */
export const ROWS = { entry: 6, attempt: 4, inbound: 8 }
/** A queue message is written, read and deleted. https://developers.cloudflare.com/queues/platform/pricing/ */
const QUEUE_OPERATIONS = 3

export type Quota = { name: 'rows written' | 'queue operations'; used: number; limit: number }

/** @param today the figures of the day so far, in UTC, because the limits are reset at midnight UTC */
export function estimateQuotas(today: Figures): Quota[] {
  const entries = sum(Object.values(today.entries))
  const inbound = sum(Object.values(today.inbound))
  const attempts = totalAttempts(today)
  // The first attempts of an entry share its queue message. Each failed attempt needs one of its own for its retry.
  const failed = countAttempts(attempts) - attempts.outcomes.delivered
  return [
    {
      name: 'rows written',
      used: entries * ROWS.entry + countAttempts(attempts) * ROWS.attempt + inbound * ROWS.inbound,
      limit: 100_000,
    },
    { name: 'queue operations', used: (entries + inbound + failed) * QUEUE_OPERATIONS, limit: 10_000 },
  ]
}
