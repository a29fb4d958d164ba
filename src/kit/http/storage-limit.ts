import { isDatabaseFull } from '../db/size'
import { secondsToTomorrow } from '../lib/time'
import { Refusal } from './problem'

const RETRY_AFTER_SECONDS = 60 * 60

/** Refuses a stranger while the database is almost full. @param detail what the sender can do @throws Refusal 503 */
export function requireStorage(env: Env, detail: string): void {
  if (!isDatabaseFull(env)) return
  throw new Refusal(503, 'storage_full', detail, { headers: { 'Retry-After': String(RETRY_AFTER_SECONDS) } })
}

/** @param detail what the sender can do */
export function overQuota(detail: string, now: number): Refusal {
  return new Refusal(429, 'daily_quota', detail, { headers: { 'Retry-After': String(secondsToTomorrow(now)) } })
}
