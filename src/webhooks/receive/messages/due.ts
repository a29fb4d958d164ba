import { all, type Bound, first, statement } from '../../../kit/db/statements'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../kit/lib/time'
import { claiming, growingLease, isInPage } from '../../../kit/sweep/oldest-rows'
import { inboundCanBe } from '../../rules/receiving/inbound-state'
import { inboundMessages } from '../../tables/incoming'
import { wakeInbound } from '../../work/send-orders'
import { type InboundRow, reopened, type WithLogEntry } from './store'

/* Makes many messages due, one page at a time. The first ones are woken immediately, and the sweep wakes the rest. */

type Due = Pick<InboundRow, 'id'>
type Page = Pick<InboundRow, 'source_id' | 'next_attempt_at'> & { limit: number }

/** Reopens one page of a source's failed messages, oldest first. Handshakes are skipped. */
export const REOPEN_FAILED = statement<Page & WithLogEntry & { last_id: string }, Due>(`
  update inbound_messages set
    ${reopened()}
  where ${isInPage(inboundMessages, {
    index: 'inbound_failed',
    where: `source_id = :source_id and ${inboundCanBe('all_reprocessed')} and id <= :last_id and dedupe_key is not null`,
    by: 'id',
  })}
  returning id`)

const RELEASE_PARKED = statement<Page, Due>(`
  update inbound_messages set next_attempt_at = :next_attempt_at
  where ${isInPage(inboundMessages, {
    index: 'inbound_parked',
    where: `source_id = :source_id and ${inboundCanBe('resumed')}`,
    by: 'id',
  })}
  returning id`)

/**
 * Releases one page of the parked messages that `releaseParkedRequests` did not reach when their source was resumed.
 * Reads only the sources that have parked messages: there can be 1,000 others.
 */
export const RELEASE_LEFT_OVER = statement<{ now: number; limit: number }>(`
  update inbound_messages set next_attempt_at = :now
  where id in (
    with recursive parking (id) as (
      select ''
      union all
      select (
        select min(source_id)
        from inbound_messages indexed by inbound_parked
        where ${inboundCanBe('resumed')} and source_id > parking.id)
      from parking
      where id is not null)
    select m.id
    from parking
    cross join sources s on s.id = parking.id and s.status <> 'paused'
    cross join inbound_messages m indexed by inbound_parked
      on m.source_id = s.id
      and ${inboundCanBe('resumed', 'm.')}
    limit :limit
  )`)

/** Both indexes are sorted by id, so this reads the oldest request of each. */
const OLDEST_UNPROCESSED = statement<{ source_id: string }, { received_at: number | null }>(`
  select min(received_at) as received_at
  from (
    select * from (
      select received_at from inbound_messages indexed by inbound_parked
      where source_id = :source_id and ${inboundCanBe('resumed')}
      order by id limit 1)
    union all
    select * from (
      select received_at from inbound_messages indexed by inbound_failed
      where source_id = :source_id and ${inboundCanBe('all_reprocessed')}
      order by id limit 1))`)

/** What is due is normally processed within seconds. */
const DUE_FOR_MS = DAY_MS

/** @returns when the oldest request of a source may have arrived that can still be processed: it waits, or has failed */
export async function unprocessedSince(env: Env, source_id: string, now: number): Promise<number> {
  const oldest = await first(OLDEST_UNPROCESSED(env, { source_id }))
  return Math.min(oldest?.received_at ?? now, now - DUE_FOR_MS)
}

/** How long the queue has to process a message before the sweep wakes the queue again. */
const MIN_LEASE_MS = 5 * MINUTE_MS
const MAX_LEASE_MS = HOUR_MS

export const CLAIM_DUE = claiming(inboundMessages, {
  at: 'next_attempt_at',
  index: 'inbound_due',
  until: growingLease(':now - received_at', MIN_LEASE_MS, MAX_LEASE_MS),
  returns: ['id', 'size'],
})

/** The maximum number of messages that one statement makes due. */
const PAGE = 500
/** The maximum number of statements per request. The Free plan allows 50. */
const MAX_PAGES = 10
/** The number of messages that are woken immediately. The sweep finds the rest. */
const WOKEN = 100

/**
 * Makes messages due, one page at a time, and wakes the first ones. @returns how many, and whether there may be more
 * @param bindPage binds the statement that makes up to `limit` messages due
 */
export async function makeDue(env: Env, bindPage: (limit: number) => Bound<Due>) {
  const page = bindPage(PAGE)
  let count = 0
  for (let pages = 0; pages < MAX_PAGES; pages++) {
    const ids = (await all(page)).map(({ id }) => id)
    count += ids.length
    if (pages === 0 && ids.length > 0) await wakeInbound(env, ids.slice(0, WOKEN))
    if (ids.length < PAGE) return { count, has_more: false }
  }
  return { count, has_more: true }
}

/** Makes a source's parked messages due, oldest first, when the source is resumed. */
export async function releaseParkedRequests(env: Env, source_id: string, now: number): Promise<void> {
  await makeDue(env, (limit) => RELEASE_PARKED(env, { source_id, next_attempt_at: now, limit }))
}
