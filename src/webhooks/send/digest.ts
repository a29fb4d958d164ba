import { all, statement } from '../../kit/db/statements'
import type { EndpointRow } from '../endpoints/store'
import type { Trigger } from '../rules/delivering/delivery-state'
import { DIGEST_MAX, type Digest } from '../rules/events/digest'
import type { DeliveryRow } from './deliver/store'
import type { SentMessage } from './http/signed-request'

/*
 * The delivery of a digest reports other messages, too: those that this one covers (webhooks/rules/delivering/pace.ts),
 * or that failed for good, since the last digest that arrived.
 */

type Key = Pick<DeliveryRow, 'endpoint_id' | 'message_id'>
type ReadEvent = Digest['events'][number] & { message_id: string; count: number; counted_all: number }

/** How many of the latest deliveries are searched. */
const SEARCHED = 1_000
/** A longer payload is only counted and named, so that a digest stays small enough to be written. */
const MAX_CHARACTERS = 16_000

/**
 * A digest reports its own event, and each older one that was canceled or failed, unless a newer delivery has arrived
 * since then. That delivery was a digest, too, and has reported it. A retry of an older message reports nothing newer.
 * If a digest is shown after it has arrived, only what arrived before it counts.
 */
const READ_EVENTS = statement<Key, ReadEvent>(`
  with own as materialized (
    select coalesce(settled_at, 9e15) as at
    from deliveries
    where endpoint_id = :endpoint_id and message_id = :message_id
  ),
  latest as materialized (
    select d.message_id, d.status, d.reason, d.settled_at,
      max(iif(
        d.status = 'delivered' and d.message_id <> :message_id and d.settled_at < (select at from own),
        (select d.settled_at from messages m where m.id = d.message_id and m.audience is null),
        null)) over (order by d.message_id desc rows between unbounded preceding and 1 preceding) as reported_at
    from deliveries d
    where d.endpoint_id = :endpoint_id and d.message_id <= :message_id
    order by d.message_id desc
    limit ${SEARCHED}
  ),
  unreported as materialized (
    select message_id
    from latest
    where message_id = :message_id
      or ((reason = 'coalesced' or status = 'failed')
        and settled_at > coalesce(reported_at, 0)
        and settled_at <= (select at from own))
  ),
  covered as materialized (
    select u.message_id, m.type
    from unreported u
    cross join messages m on m.id = u.message_id
    where m.erased_at is null and (m.audience is null or u.message_id = :message_id)
  )
  select c.message_id, c.type, iif(length(m.payload) <= ${MAX_CHARACTERS}, m.payload, null) as payload,
    (select count(*) from covered) as count,
    (select count(*) < ${SEARCHED} or min(message_id) not in (select message_id from unreported) from latest)
      as counted_all
  from covered c
  cross join messages m on m.id = c.message_id
  order by c.message_id desc
  limit ${DIGEST_MAX}`)

/** @returns the message with what its request reports. A test is always the event itself */
export async function withDigest(
  env: Env,
  endpoint: Pick<EndpointRow, 'id' | 'digest_hour'>,
  message: SentMessage,
  trigger: Trigger
): Promise<SentMessage> {
  if (endpoint.digest_hour === null || trigger === 'test') return message
  return { ...message, digest: await readDigest(env, { endpoint_id: endpoint.id, message_id: message.id }) }
}

/** @param delivery the delivery that was released. @returns the events that it reports, newest first */
async function readDigest(env: Env, { endpoint_id, message_id }: Key): Promise<Digest> {
  const read = await all(READ_EVENTS(env, { endpoint_id, message_id }))
  const newestFirst = read.toSorted((a, b) => (a.message_id < b.message_id ? 1 : -1))
  const { count, counted_all } = read[0] ?? { count: 0, counted_all: 1 }
  const events = newestFirst.map(({ type, payload }) => ({ type, payload }))
  return { events, count, counted_all: counted_all === 1 }
}
