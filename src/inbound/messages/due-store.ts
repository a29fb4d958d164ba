import { statement } from '../../db/statements'
import { type Entry, type InboundRow, REOPEN_ALWAYS } from './store'

/*
 * The statements that make many inbound messages due, a page at a time, or take those that are due.
 */

type Id = Pick<InboundRow, 'id'>

/** Reopens a page of the failed messages of a source, oldest first, except handshakes. */
export const REOPEN_FAILED = statement<
  Pick<InboundRow, 'source_id' | 'next_attempt_at'> & Entry & { last_id: string; limit: number },
  Id
>(`
  update inbound_messages set
    ${REOPEN_ALWAYS}
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

/** Makes a page of the parked messages of a source due, oldest first. */
export const RELEASE_PARKED = statement<Pick<InboundRow, 'source_id' | 'next_attempt_at'> & { limit: number }, Id>(`
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

/** Makes a page of parked messages due whose source was resumed: RELEASE_PARKED stopped before it reached them. */
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
/**
 * The lease of an old message is longer, so that a message that crashes its consumer does not do so every few minutes.
 */
const MAX_LEASE_MS = 60 * 60_000

/** Takes a page of due messages. Each is due again after a lease, which grows with the age of the message. */
export const CLAIM_DUE = statement<{ now: number; limit: number }, Pick<InboundRow, 'id' | 'size'>>(`
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
