import { FIRST_WAKE_MS, MAX_WAKE_MS } from '../../core/delivering/retry-schedule'
import type { messages } from '../../db/schema'
import { all, run, statement } from '../../db/statements'

/*
 * Messages whose dispatch has not finished in time. The sweep claims them and wakes their dispatch again.
 */

export type UndispatchedMessage = Pick<typeof messages.$inferSelect, 'id' | 'type' | 'wake_at'>

const CLAIM_UNDISPATCHED = statement<{ now: number; limit: number }, UndispatchedMessage>(`
  update messages
  set wake_at = :now + min(max(wake_at - created_at, ${FIRST_WAKE_MS}), ${MAX_WAKE_MS})
  where id in (
    select id from messages
    where dispatched_at is null and wake_at <= :now
    order by wake_at
    limit :limit)
  returning id, type, wake_at`)

/**
 * Claims messages whose dispatch is overdue, by moving their next wake-up. The wait doubles each time, so that a dispatch that cannot
 * succeed does not run every minute. It does not depend on the message's age: a message that nobody could wake has not failed.
 */
export async function claimUndispatched(env: Env, now: number, limit: number): Promise<UndispatchedMessage[]> {
  return all(CLAIM_UNDISPATCHED(env, { now, limit }))
}

const RELEASE_UNDISPATCHED = statement<{ claimed: string }>(`
  update messages
  set wake_at = created_at
  from json_each(:claimed) j
  where messages.id = j.value ->> 'id'
    and messages.wake_at = j.value ->> 'wake_at'
    and dispatched_at is null`)

/** Gives back messages that could not be woken: they are due at once, unless another sweep has claimed them since. */
export async function releaseUndispatched(env: Env, claimed: UndispatchedMessage[]): Promise<void> {
  await run(RELEASE_UNDISPATCHED(env, { claimed: JSON.stringify(claimed) }))
}
