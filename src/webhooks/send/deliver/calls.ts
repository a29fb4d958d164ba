import { all, type Bound, batch, statement } from '../../../kit/db/statements'
import { isInPage } from '../../../kit/sweep/oldest-rows'
import { beginCalls } from '../../endpoints/health'
import type { EndpointRow } from '../../endpoints/store'
import { canceledBy, isParked, type Trigger } from '../../rules/delivering/delivery-state'
import { DIGEST_MAX, type Digest } from '../../rules/events/digest'
import { deliveries } from '../../tables/outgoing'
import type { DeliveryRef } from '../../work/orders'
import { sendResumes } from '../../work/send-orders'
import type { SentMessage } from '../http/signed-request'
import { IS_FREE } from './parked'
import { type DeliveryRow, parkStatement, RELEASE } from './store'

/*
 * Calls: requests that report several events at once. A build hook gets one every few minutes, and an endpoint with a
 * daily digest one a day (webhooks/rules/delivering/pace.ts). Each event has a delivery, which is parked.
 *
 *   park     dispatch and retries only park. So entries that come at the same moment cannot cause two calls.
 *   release  the newest delivery is sent. It covers the other parked ones: `covered_by` names it in each of them, also in
 *            itself. A failed call is covered by the next one.
 *   report   if the call succeeds, what it covers is settled: `coalesced`. Until then, it is parked, so a failure, a new
 *            pace, a cancel or a crash loses nothing. While the call is under way, nothing else may send it (`IS_FREE`).
 *
 * As with every delivery, a call is made again if the process dies before its result is stored.
 */

/** Parks deliveries to paced endpoints. If the process dies, the sweep finds them by their leases, or the endpoints. */
export async function parkCalls(env: Env, refs: DeliveryRef[], now: number): Promise<void> {
  if (refs.length === 0) return
  const ids = [...new Set(refs.map(({ endpoint_id }) => endpoint_id))]
  // In one batch, so that nothing is parked behind a closed breaker.
  const [begun] = await batch(env, [beginCalls(env, ids, now), parkStatement(env, refs, now)])
  const due = begun.results.flatMap(({ id, resume_at }) => (resume_at !== null && resume_at <= now ? [id] : []))
  await sendResumes(env, due)
}

type Key = Pick<DeliveryRow, 'endpoint_id' | 'message_id'>
type OfEndpoint = Pick<DeliveryRow, 'endpoint_id'>

/** How many deliveries one call covers. The next call covers the rest. */
const COVERED = 10_000
/** Fewer after a failure, so that a receiver that is down does not cause many rows to be written again and again. */
const COVERED_AGAIN = 1_000

const FREE = `endpoint_id = :endpoint_id and ${IS_FREE}`
/** The newest parked delivery, which is sent. */
const NEWEST = `(select message_id from deliveries indexed by deliveries_parked where ${FREE} order by message_id desc limit 1)`

const COVER = statement<OfEndpoint & { limit: number }>(`
  update deliveries
  set covered_by = ${NEWEST}
  where ${isInPage(deliveries, { index: 'deliveries_parked', where: FREE, by: 'message_id desc' })}
    and covered_by is not ${NEWEST}`)

/** A call that failed for good has not reported its own event. */
const COVER_FAILED = statement<OfEndpoint & { limit: number }>(`
  update deliveries
  set covered_by = ${NEWEST}
  where ${isInPage(deliveries, {
    index: 'deliveries_failed',
    where: `endpoint_id = :endpoint_id and status = 'failed' and covered_by is not null`,
    by: 'message_id desc',
  })}
    and covered_by <> ${NEWEST}`)

/** Releases the newest parked delivery, which covers the others. @returns it, or nothing if none is parked */
export async function releaseCall(
  env: Env,
  { id: endpoint_id, consecutive_failures }: Pick<EndpointRow, 'id' | 'consecutive_failures'>,
  lease: number
): Promise<DeliveryRef[]> {
  const limit = consecutive_failures === 0 ? COVERED : COVERED_AGAIN
  const [, , released] = await batch(env, [
    COVER_FAILED(env, { endpoint_id, limit }),
    COVER(env, { endpoint_id, limit }),
    RELEASE.newest(env, { endpoint_id, lease, limit: 1 }),
  ])
  return released.results
}

/** @param index and the rows in it, as SQL about the delivery `d` */
function reporting(index: string, rows: string) {
  return statement<{ calls: string; now: number }>(`
  update deliveries
  set ${canceledBy('coalesced')}
  where (endpoint_id, message_id) in (
    select d.endpoint_id, d.message_id
    from json_each(:calls) j
    cross join deliveries c on c.endpoint_id = j.value ->> 'endpoint_id' and c.message_id = j.value ->> 'message_id'
    cross join deliveries d indexed by ${index} on d.endpoint_id = c.endpoint_id and ${rows}
    where c.status = 'delivered' and d.covered_by = c.message_id)`)
}

/** One statement for each state in which `coalesced` changes a delivery, because each has an index. */
const REPORT = [
  reporting('deliveries_parked', isParked('d')),
  // Calls that failed for good.
  reporting('deliveries_failed', `d.status = 'failed'`),
]

/** Settles what calls have reported. Run it in the batch that writes their results, and after these. */
export function reportCovered(env: Env, calls: Key[], now: number): Bound<never>[] {
  const keys = calls.map(({ endpoint_id, message_id }) => ({ endpoint_id, message_id }))
  return REPORT.map((report) => report(env, { calls: JSON.stringify(keys), now }))
}

/** How many older deliveries are searched for what a digest reported that is sent, or shown, again. */
const SEARCHED = 1_000
/** A longer payload is only counted and named, so that a digest stays small enough to be written. */
const MAX_CHARACTERS = 16_000

type ReadEvent = Digest['events'][number] & { message_id: string; count: number; counted_all: number }

const READ_EVENTS = statement<Key, ReadEvent>(`
  with older as materialized (
    select message_id, reason, covered_by
    from deliveries
    where endpoint_id = :endpoint_id and message_id < :message_id
    order by message_id desc
    limit ${SEARCHED}),
  ids as (
    select :message_id as message_id
    union
    select message_id from deliveries indexed by deliveries_parked
    where endpoint_id = :endpoint_id and ${isParked('deliveries')} and covered_by = :message_id
    union
    select message_id from deliveries indexed by deliveries_failed
    where endpoint_id = :endpoint_id and status = 'failed' and covered_by = :message_id
    union
    select message_id from older where reason = 'coalesced' and covered_by = :message_id),
  covered as materialized (
    select i.message_id, m.type
    from ids i
    cross join messages m on m.id = i.message_id
    where m.erased_at is null and (m.audience is null or i.message_id = :message_id))
  select c.message_id, c.type, iif(length(m.payload) <= ${MAX_CHARACTERS}, m.payload, null) as payload,
    (select count(*) from covered) as count,
    not exists (
      select 1 from older
      where reason = 'coalesced' and covered_by = :message_id
        and message_id = (select min(message_id) from older)
        and (select count(*) from older) = ${SEARCHED}) as counted_all
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

/** @param call the delivery that is sent. @returns the events that it reports, newest first */
async function readDigest(env: Env, { endpoint_id, message_id }: Key): Promise<Digest> {
  const read = await all(READ_EVENTS(env, { endpoint_id, message_id }))
  const newestFirst = read.toSorted((a, b) => (a.message_id < b.message_id ? 1 : -1))
  const { count, counted_all } = read[0] ?? { count: 0, counted_all: 1 }
  const events = newestFirst.map(({ type, payload }) => ({ type, payload }))
  return { events, count, counted_all: counted_all === 1 }
}
