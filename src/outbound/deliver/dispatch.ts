import { newDelivery } from '../../core/delivering/delivery-state'
import { laneFor } from '../../core/delivering/endpoint-health'
import { isPaced } from '../../core/delivering/pace'
import { FIRST_WAKE_MS, MAX_WAKE_MS } from '../../core/delivering/retry-schedule'
import { filtersFor } from '../../core/events/filter'
import type { deliveries, messages } from '../../db/schema'
import { all, batch, run, statement } from '../../db/statements'
import { log } from '../../log'
import { ORDER_SIZE } from '../../queue/orders'
import { sendOrders, wakeDispatch } from '../../queue/send'
import { isPacing, isParked, passingStates } from '../parked'
import { wantsBook } from '../publish/subscriptions'
import { isHanging } from './hanging'
import { leaseFrom } from './lease'
import { parkCalls } from './park-calls'
import { attemptAll, type Consumer } from './run-order'
import { SENDING_COLUMNS, type Sending, type SendingEndpoint, toRef } from './sending'

/** The maximum number of endpoints that one dispatch scans. The next page gets another work order. */
export const PAGE_SIZE = 500

type MessageRow = typeof messages.$inferSelect
type MessageRef = Pick<MessageRow, 'id' | 'type'>

/**
 * Step 2, dispatch: creates the deliveries for the next page of endpoints, and immediately attempts the first dozen to
 * healthy endpoints. Running it twice is safe: the cursor moves in the transaction that creates the rows, so a second
 * run finds nothing to do. If the process dies after that transaction, the sweep takes over the rows when their leases
 * end.
 */
export async function dispatchMessage(env: Env, message: MessageRef, now: number, consumer: Consumer): Promise<void> {
  const lease = leaseFrom(now)
  const page = await takePage(env, message, now, lease)
  if (!page) return
  if (page.hasMore) await wakeDispatch(env, [message])
  log('message.dispatched', { message_id: message.id, deliveries: page.endpoints.length })
  const first = { message: { ...message, ...page.message }, state: newDelivery(lease), release: undefined }
  const sendings = page.endpoints.map((endpoint) => ({ endpoint, ...first }))
  const { here, fresh, patient, calls } = assign(sendings, now)
  await parkCalls(env, calls.map(toRef), now)
  await sendOrders(env, 'fresh', fresh.map(toRef))
  await sendOrders(env, 'patient', patient.map(toRef))
  await attemptAll(env, here, consumer)
}

/**
 * The first dozen healthy endpoints are served here. Others get orders on their lanes. Parked deliveries get none.
 * `calls` are deliveries to paced endpoints, which are never sent from here.
 */
function assign(sendings: Sending[], now: number) {
  const unparked = sendings.filter(({ endpoint }) => endpoint.breaker === 'closed')
  const laneOf = ({ endpoint }: Sending) => {
    if (isPaced(endpoint)) return 'calls'
    return isHanging(endpoint.id, now) ? 'patient' : laneFor(endpoint, now)
  }
  const { fresh = [], patient = [], calls = [] } = Object.groupBy(unparked, laneOf)
  return { here: fresh.slice(0, ORDER_SIZE), fresh: fresh.slice(ORDER_SIZE), patient, calls }
}

const UNDISPATCHED = statement<Pick<MessageRow, 'id'>, Pick<MessageRow, 'payload' | 'hops'>>(`
  select payload, hops
  from messages
  where id = :id and dispatched_at is null`)

/** The next enabled endpoints after the message's cursor, subscribed or not, so that every page costs the same. */
const NEXT_PAGE = `
    select id, event_types, books, ${SENDING_COLUMNS}
    from endpoints indexed by endpoints_enabled
    where status = 'enabled' and id > (select cursor from messages where id = :id)
    order by id
    limit ${PAGE_SIZE}`

/** The endpoints on the page that want the message and are not its subject. */
const MATCHING = `
  from messages m, (${NEXT_PAGE}) p
  where m.id = :id
    and m.dispatched_at is null
    and m.about is not p.id
    and exists (
      select 1 from json_each(p.event_types) t
      where t.value in (select value from json_each(:filters)))
    and ${wantsBook('p')}`

const MATCHING_ENDPOINTS = statement<{ id: string; filters: string }, SendingEndpoint>(`
  select p.id, ${SENDING_COLUMNS}
  ${MATCHING}`)

/** The call that already waits for a paced endpoint covers this message, too. */
const IS_COVERED = `(${isPacing('p')} and exists (
      select 1 from deliveries d indexed by deliveries_parked
      where d.endpoint_id = p.id and ${isParked('d')}))`

/** A replay may already have created a row; that row is sent when the replay's deliveries are released. */
const CREATE_DELIVERIES = statement<
  { id: string; filters: string; lease: number },
  Pick<typeof deliveries.$inferSelect, 'endpoint_id'>
>(`
  insert or ignore into deliveries (endpoint_id, message_id, status, next_attempt_at)
  select p.id, m.id, 'pending', iif(p.breaker in (${passingStates()}), :lease, null)
  ${MATCHING}
    and not ${IS_COVERED}
  returning endpoint_id`)

const MOVE_CURSOR = statement<{ id: string; now: number }, Pick<MessageRow, 'cursor' | 'dispatched_at'>>(`
  update messages
  set cursor = coalesce((select max(id) from (${NEXT_PAGE})), cursor),
    dispatched_at = iif((select count(*) from (${NEXT_PAGE})) < ${PAGE_SIZE}, :now, null)
  where id = :id and dispatched_at is null
  returning cursor, dispatched_at`)

/** Takes one round trip. @returns null if the message is unknown or already fully dispatched */
async function takePage(env: Env, { id, type }: MessageRef, now: number, lease: number) {
  const filters = JSON.stringify(filtersFor(type))
  const [undispatched, matching, created, moved] = await batch(env, [
    UNDISPATCHED(env, { id }),
    MATCHING_ENDPOINTS(env, { id, filters }),
    CREATE_DELIVERIES(env, { id, filters, lease }),
    MOVE_CURSOR(env, { id, now }),
  ])
  const [message] = undispatched.results
  if (!message) return null
  const ours = new Set(created.results.map(({ endpoint_id }) => endpoint_id))
  return {
    message,
    endpoints: matching.results.filter((endpoint) => ours.has(endpoint.id)),
    hasMore: moved.results[0]?.dispatched_at === null,
  }
}

type Undispatched = Pick<MessageRow, 'id' | 'type' | 'wake_at'>

const CLAIM_UNDISPATCHED = statement<{ now: number; limit: number }, Undispatched>(`
  update messages
  set wake_at = :now + min(max(wake_at - created_at, ${FIRST_WAKE_MS}), ${MAX_WAKE_MS})
  where id in (
    select id from messages
    where dispatched_at is null and wake_at <= :now
    order by wake_at
    limit :limit)
  returning id, type, wake_at`)

/**
 * Claims messages whose dispatch is overdue, by postponing their next wake-up. The wait doubles each time, so that
 * a dispatch that cannot succeed does not run every minute. The wait does not depend on the message's age, because a
 * message whose wake-up was lost has not failed.
 */
export async function claimUndispatched(env: Env, now: number, limit: number): Promise<Undispatched[]> {
  return all(CLAIM_UNDISPATCHED(env, { now, limit }))
}

const RELEASE_UNDISPATCHED = statement<{ claimed: string }>(`
  update messages
  set wake_at = created_at
  from json_each(:claimed) j
  where messages.id = j.value ->> 'id'
    and messages.wake_at = j.value ->> 'wake_at'
    and dispatched_at is null`)

/** Releases messages whose wake-up was lost: they are due immediately, unless another sweep has claimed them. */
export async function releaseUndispatched(env: Env, claimed: Undispatched[]): Promise<void> {
  await run(RELEASE_UNDISPATCHED(env, { claimed: JSON.stringify(claimed) }))
}
