import { isDatabaseFull } from '../db/size'
import { secondsToTomorrow } from '../lib/time'
import { Refusal, storageFull } from './problem'

/** Refuses a stranger while the database is almost full. @param detail what the sender can do @throws Refusal 503 */
export function requireStorage(env: Env, detail: string): void {
  if (isDatabaseFull(env)) throw storageFull(detail)
}

/** @param detail what the sender can do */
export function overQuota(detail: string, now: number): Refusal {
  return new Refusal(429, 'daily_quota', detail, { headers: { 'Retry-After': String(secondsToTomorrow(now)) } })
}
