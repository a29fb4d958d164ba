import * as z from 'zod'
import { generalSetting } from '../db/settings'
import { DAY_MS } from '../lib/time'

/* The owner's setting for how long the delivery log and the audit log are kept. Pending deliveries are always kept. */

export const MAX_DAYS = 3_650

/** Whole days; 0 means forever. */
const days = z.int().min(0).max(MAX_DAYS)

interface Period {
  /** In days, until the owner chooses another one. */
  initial: number
  /** What is kept. */
  label: string
  /** What happens to what is older. */
  effect: string
}

/** One row for each period. A retention (retention.ts) names the period that it follows. */
export const PERIODS = {
  settled_days: {
    initial: 30,
    label: 'Delivered and canceled deliveries',
    effect:
      'Older deliveries are removed, with their attempts and events. You can no longer view, pull or replay them.',
  },
  failed_days: {
    initial: 90,
    label: 'Failed deliveries',
    effect:
      'Older deliveries are removed, with their attempts and events. You can no longer see why they failed, or send them again.',
  },
  jobs_days: {
    initial: 30,
    label: 'Finished replays',
    effect: 'Older replays are removed. The events that they sent are kept.',
  },
  audit_days: {
    initial: 90,
    label: 'The audit log',
    effect: 'Older records of what was changed, and by whom, are removed. The changes themselves are kept.',
  },
} as const satisfies Record<string, Period>

type Name = keyof typeof PERIODS
export type Retention = Record<Name, number>

/** @returns a value for each period */
function ofEach<T>(make: (initial: number) => T): Record<Name, T> {
  const values = Object.entries(PERIODS).map(([name, { initial }]) => [name, make(initial)])
  return Object.fromEntries(values) as Record<Name, T>
}

export const RETENTION = generalSetting({
  name: 'retention',
  schema: z
    .strictObject(ofEach(() => days))
    .describe(
      'How many days the delivery log is kept; 0 means forever. `settled_days`: delivered and canceled deliveries with their attempts and messages. `failed_days`: failed deliveries. `jobs_days`: finished replays. `audit_days`: the audit log; only ADMIN_TOKEN can change it. Pending deliveries are always kept.'
    ),
  initial: ofEach((initial) => initial),
  // An earlier version may have stored fewer periods.
  stored: z.strictObject(ofEach((initial) => days.default(initial))),
})

/** @returns the time before which something is too old, in epoch milliseconds; 0 if it is kept forever */
export function tooOldBefore(keptDays: number, now: number): number {
  return keptDays === 0 ? 0 : Math.max(now - keptDays * DAY_MS, 0)
}
