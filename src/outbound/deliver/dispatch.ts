import { newDelivery } from '../../core/delivering/delivery-state'
import { laneFor } from '../../core/delivering/endpoint-health'
import { filtersFor } from '../../core/events/filter'
import type { deliveries, messages } from '../../db/schema'
import { batch, statement } from '../../db/statements'
import { log } from '../../log'
import { ORDER_SIZE } from '../../queue/orders'
import { sendOrders, wakeDispatch } from '../../queue/send'
import { passingStates } from '../parked'
import { wantsBook } from '../publish/subscriptions'
import { isHanging } from './hanging'
import { leaseFrom } from './lease'
import { attemptAll, type Consumer } from './run-order'
import { SENDING_COLUMNS, type Sending, type SendingEndpoint, toRef } from './sending'

/** Endpoints that one dispatch looks at. The next page is another work order. */
export const PAGE_SIZE = 500

type MessageRow = typeof messages.$inferSelect
type MessageRef = Pick<MessageRow, 'id' | 'type'>

interface Page {
  payload: string
  endpoints: SendingEndpoint[]
  hasMore: boolean
}

/**
 * Step 2, dispatch: creates the deliveries of the next page of endpoints, and attempts the first dozen healthy ones itself. Running it
 * twice is safe: the cursor moves in the transaction that creates the rows, so a second run finds nothing to do. If it dies after that
 * transaction, the sweep takes over the rows when their lease ends.
 */
export async function dispatchMessage(env: Env, message: MessageRef, now: number, consumer: Consumer): Promise<void> {
  const lease = leaseFrom(now)
  const page = await takePage(env, message, now, lease)
  if (!page) return
  if (page.hasMore) await wakeDispatch(env, [message])
  log('message.dispatched', { message_id: message.id, deliveries: page.endpoints.length })
  const sendings = page.endpoints.map((endpoint) => firstSending(endpoint, message, page, lease))
  const { here, fresh, patient } = assign(sendings, now)
  if (fresh.length > 0) await sendOrders(env, 'fresh', fresh.map(toRef))
  if (patient.length > 0) await sendOrders(env, 'patient', patient.map(toRef))
  await attemptAll(env, here, consumer)
}

function firstSending(endpoint: SendingEndpoint, { id, type }: MessageRef, { payload }: Page, lease: number): Sending {
  return {
    endpoint,
    message: { id, type, payload },
    state: newDelivery(lease),
    release: undefined,
  }
}

/** Healthy endpoints are served here, as many as one order holds; the others get orders on their lane. Parked deliveries get none. */
function assign(sendings: Sending[], now: number) {
  const unparked = sendings.filter(({ endpoint }) => endpoint.breaker === 'closed')
  const { fresh = [], patient = [] } = Object.groupBy(unparked, ({ endpoint }) =>
    isHanging(endpoint.id, now) ? 'patient' : laneFor(endpoint, now)
  )
  return { here: fresh.slice(0, ORDER_SIZE), fresh: fresh.slice(ORDER_SIZE), patient }
}

const UNDISPATCHED = statement<Pick<MessageRow, 'id'>, Pick<MessageRow, 'payload'>>(`
  select payload
  from messages
  where id = :id and dispatched_at is null`)

/** The next enabled endpoints after the message's cursor, whether they want it or not, so a page always costs the same. */
const NEXT_PAGE = `
    select id, event_types, books, ${SENDING_COLUMNS}
    from endpoints indexed by endpoints_enabled
    where status = 'enabled' and id > (select cursor from messages where id = :id)
    order by id
    limit ${PAGE_SIZE}`

/** Those of the page that want the message and are not its subject. */
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

/** A replay may have created a row already; that row is sent by what the replay releases. */
const CREATE_DELIVERIES = statement<
  { id: string; filters: string; lease: number },
  Pick<typeof deliveries.$inferSelect, 'endpoint_id'>
>(`
  insert or ignore into deliveries (endpoint_id, message_id, status, next_attempt_at)
  select p.id, m.id, 'pending', iif(p.breaker in (${passingStates()}), :lease, null)
  ${MATCHING}
  returning endpoint_id`)

const MOVE_CURSOR = statement<{ id: string; now: number }, Pick<MessageRow, 'dispatched_at'>>(`
  update messages
  set cursor = coalesce((select max(id) from (${NEXT_PAGE})), cursor),
    dispatched_at = iif((select count(*) from (${NEXT_PAGE})) < ${PAGE_SIZE}, :now, null)
  where id = :id and dispatched_at is null
  returning dispatched_at`)

/** One round trip. @returns null if the message is fully dispatched, or unknown */
async function takePage(env: Env, { id, type }: MessageRef, now: number, lease: number): Promise<Page | null> {
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
    payload: message.payload,
    endpoints: matching.results.filter((endpoint) => ours.has(endpoint.id)),
    hasMore: moved.results[0]?.dispatched_at === null,
  }
}
