import { all, type Bound, statement } from '../../db/statements'
import { wakeInbound } from '../../queue/send'
import { type Entry, type InboundRow, reopened } from './store'

/* Makes many messages due, a page at a time. The queue processes the first of them, and the sweep wakes the others. */

type Due = Pick<InboundRow, 'id' | 'size'>
type Page = Pick<InboundRow, 'source_id' | 'next_attempt_at'> & { limit: number }

/** Reopens a page of the failed messages of a source, oldest first, except handshakes. */
export const REOPEN_FAILED = statement<Page & Entry & { last_id: string }, Pick<Due, 'id'>>(`
  update inbound_messages set
    ${reopened()}
  where id in (
    select id
    from inbound_messages indexed by inbound_failed
    where source_id = :source_id
      and status = 'failed'
      and id <= :last_id
      and dedupe_key is not null
    order by id
    limit :limit
  )
  returning id`)

const RELEASE_PARKED = statement<Page, Pick<Due, 'id'>>(`
  update inbound_messages set next_attempt_at = :next_attempt_at
  where id in (
    select id
    from inbound_messages indexed by inbound_parked
    where source_id = :source_id
      and status = 'new'
      and next_attempt_at is null
    order by id
    limit :limit
  )
  returning id`)

/** Makes a page of parked messages due whose source was resumed: `releaseParked` stopped before it reached them. */
export const RELEASE_LEFT_OVER = statement<{ now: number; limit: number }>(`
  update inbound_messages set next_attempt_at = :now
  where id in (
    select m.id
    from sources s
    cross join inbound_messages m indexed by inbound_parked
      on m.source_id = s.id
      and m.status = 'new'
      and m.next_attempt_at is null
    where s.status <> 'paused'
    limit :limit
  )`)

/** How long the queue has to process a message before the sweep sends it again. */
const MIN_LEASE_MS = 5 * 60_000
/** The lease of an old message is longer, so that one that crashes its consumer does not do so every few minutes. */
const MAX_LEASE_MS = 60 * 60_000

/** Takes a page of due messages. Each is due again after a lease, which grows with the age of the message. */
export const CLAIM_DUE = statement<{ now: number; limit: number }, Due>(`
  update inbound_messages
  set next_attempt_at = :now + min(max(:now - received_at, ${MIN_LEASE_MS}), ${MAX_LEASE_MS})
  where id in (
    select id
    from inbound_messages indexed by inbound_due
    where next_attempt_at is not null
      and next_attempt_at <= :now
    order by next_attempt_at
    limit :limit
  )
  returning id, size`)

/** Messages that one statement makes due. */
const PAGE = 500
/** Statements of one request: the Free plan has 50. */
const MAX_PAGES = 10
/** Messages that are woken immediately. The sweep finds the others. */
const WOKEN = 100

/**
 * Makes messages due, a page at a time, and wakes the first of them.
 * @param bindPage returns the statement that makes up to `limit` messages due and returns their ids
 * @returns how many are due now, and whether there are more than one call takes
 */
export async function makeDue(
  env: Env,
  bindPage: (limit: number) => Bound<Pick<Due, 'id'>>
): Promise<{ count: number; has_more: boolean }> {
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

/** Makes the parked messages of a source due, oldest first, when the source is resumed. */
export async function releaseParked(env: Env, source_id: string, now: number): Promise<void> {
  await makeDue(env, (limit) => RELEASE_PARKED(env, { source_id, next_attempt_at: now, limit }))
}
