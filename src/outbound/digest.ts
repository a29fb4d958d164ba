import { DIGEST_MAX, type Digest } from '../core/events/digest'
import { all, statement } from '../db/statements'
import type { DeliveryRow } from './deliver/store'

/*
 * A daily digest is the delivery of one message that reports others, too: those whose deliveries were canceled since the
 * last digest that arrived, because this one covers them (core/delivering/pace.ts).
 */

type Key = Pick<DeliveryRow, 'endpoint_id' | 'message_id'>
type ReadEvent = Digest['events'][number] & { message_id: string; count: number }

/** How many of the latest deliveries are searched. */
const SEARCHED = 1_000
/** A longer payload is only counted and named, so that a digest stays small enough to be written. */
const MAX_CHARACTERS = 16_000

/**
 * The attempt of a digest repeats what the last one reported, and may add what happened since. If it is shown after it
 * has arrived, it is compared with the digests before it.
 */
const READ_EVENTS = statement<Key, ReadEvent>(`
  with latest as materialized (
    select message_id, status, reason, settled_at
    from deliveries
    where endpoint_id = :endpoint_id and message_id <= :message_id
    order by message_id desc
    limit ${SEARCHED}
  ),
  own as materialized (select coalesce(settled_at, 9e15) as at from latest where message_id = :message_id),
  last as materialized (
    select coalesce(max(d.settled_at), 0) as at
    from latest d
    cross join messages m on m.id = d.message_id
    where d.status = 'delivered'
      and d.message_id <> :message_id
      and d.settled_at < (select at from own)
      and m.audience is null
  ),
  covered as materialized (
  select d.message_id, m.type
  from latest d
  cross join messages m on m.id = d.message_id
  where m.erased_at is null
    and (d.message_id = :message_id
      or (d.reason = 'coalesced'
        and d.settled_at > (select at from last)
        and d.settled_at <= (select at from own)))
  )
  select c.message_id, c.type, iif(length(m.payload) <= ${MAX_CHARACTERS}, m.payload, null) as payload,
    (select count(*) from covered) as count
  from covered c
  cross join messages m on m.id = c.message_id
  limit ${DIGEST_MAX}`)

/** @param delivery the delivery that was released. @returns the events that it reports, newest first */
export async function readDigest(env: Env, { endpoint_id, message_id }: Key): Promise<Digest> {
  const read = await all(READ_EVENTS(env, { endpoint_id, message_id }))
  const newestFirst = read.toSorted((a, b) => (a.message_id < b.message_id ? 1 : -1))
  return { events: newestFirst.map(({ type, payload }) => ({ type, payload })), count: read[0]?.count ?? 0 }
}
