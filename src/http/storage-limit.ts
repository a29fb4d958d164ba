import { DAY_MS } from '../core/lib/time'
import { isDatabaseFull } from '../db/size'
import { Refusal } from './problem'

const RETRY_AFTER_SECONDS = 60 * 60

/**
 * Refuses a stranger's request while the database is almost full. The owner can still delete, and accepted webhooks are
 * still delivered.
 * @param detail what the sender can do
 * @throws Refusal 503
 */
export function requireStorage(env: Env, detail: string): void {
  if (!isDatabaseFull(env)) return
  throw new Refusal(503, 'storage_full', detail, { headers: { 'Retry-After': String(RETRY_AFTER_SECONDS) } })
}

/** @returns how many seconds are left until the next day starts (UTC), when daily quotas start again */
function secondsToTomorrow(now: number): number {
  return Math.ceil((DAY_MS - (now % DAY_MS)) / 1_000)
}

/** @param detail what the sender can do */
export function overQuota(detail: string, now: number): Refusal {
  return new Refusal(429, 'daily_quota', detail, { headers: { 'Retry-After': String(secondsToTomorrow(now)) } })
}
