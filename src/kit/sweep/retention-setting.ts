import * as z from 'zod'
import { changeSetting, readSetting } from '../db/settings'
import { DAY_MS } from '../lib/time'

/* The owner's setting for how long the delivery log and the audit log are kept. Pending deliveries are always kept. */

export const RETENTION_SETTING = 'retention'
export const MAX_DAYS = 3_650

/** Whole days; 0 means forever. */
const days = z.int().min(0).max(MAX_DAYS)

export const retention = z.strictObject({
  /** Delivered and canceled deliveries, with their attempts, and messages without deliveries. */
  settled_days: days,
  /** Failed deliveries, with their attempts. */
  failed_days: days,
  /** Finished replays. */
  jobs_days: days,
  /** The audit log. */
  audit_days: days,
})

export type Retention = z.infer<typeof retention>

const DEFAULTS: Retention = { settled_days: 30, failed_days: 90, jobs_days: 30, audit_days: 90 }

/** What earlier versions have stored has no `audit_days`. */
export const stored = retention.extend({ audit_days: days.default(DEFAULTS.audit_days) })

export const readRetention = async (env: Env): Promise<Retention> =>
  readSetting(env, RETENTION_SETTING, stored, DEFAULTS)

/** Changes the periods that are given. */
export async function changeRetention(env: Env, change: { [K in keyof Retention]?: Retention[K] | undefined }) {
  await changeSetting(env, RETENTION_SETTING, change, DEFAULTS)
}

/** @returns the time before which something is too old, in epoch milliseconds; 0 if it is kept forever */
export function tooOldBefore(keptDays: number, now: number): number {
  return keptDays === 0 ? 0 : Math.max(now - keptDays * DAY_MS, 0)
}
