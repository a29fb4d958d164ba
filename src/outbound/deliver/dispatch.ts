import { newDelivery } from '../../core/delivering/delivery-state'
import { filtersFor } from '../../core/events/filter'
import { storedHealth } from '../../endpoints/health'
import { log } from '../../log'
import type { DeliveryRef } from '../../queue/orders'
import { ORDER_SIZE, sendOrders, wakeDispatch } from '../../queue/send'
import { wantsBook } from '../publish/subscriptions'
import { leaseFrom } from './lease'
import { attemptAll, type Consumer } from './run-order'
import { ENDPOINT_COLUMNS, type Sending, type SendingEndpointRow, sendingEndpoint } from './sending'
import { laneNow } from './suspects'

/** Endpoints looked at by one dispatch; what is left over goes back to the queue. */
export const PAGE_SIZE = 500

interface PageRow extends SendingEndpointRow {
  id: string
}

interface Page {
  payload: string
  endpoints: PageRow[]
  hasMore: boolean
}

/**
 * Step 2, dispatch: makes the delivery rows of the next page of endpoints, and serves the first dozen healthy ones itself.
 * Safe to run twice: the cursor moves in the transaction that makes the rows, so a second run finds nothing left to do. Killed
 * after that transaction, the rows hold a lease that the sweep takes over.
 */
export async function dispatchMessage(
  env: Env,
  message: { id: string; type: string },
  now: number,
  consumer: Consumer
): Promise<void> {
  const lease = leaseFrom(now)
  const page = await takePage(env, message, now, lease)
  if (!page) return
  if (page.hasMore) await wakeDispatch(env, [message])
  const { here, fresh, patient } = assign(page.endpoints, now)
  const refs = (rows: PageRow[]) => rows.map((row) => firstRef(row.id, message.id, lease))
  if (fresh.length > 0) await sendOrders(env, 'fresh', refs(fresh))
  if (patient.length > 0) await sendOrders(env, 'patient', refs(patient))
  log('message.dispatched', { message_id: message.id, deliveries: page.endpoints.length })
  const content = { ...message, payload: page.payload }
  const sendings = here.map((row) => firstSending(row, content, lease))
  await attemptAll(env, sendings, consumer)
}

/** Healthy endpoints are served here, as many as one order holds; the rest waits on its lane, and behind a breaker it is parked. */
function assign(endpoints: PageRow[], now: number) {
  const open = endpoints.filter((row) => row.breaker === 'closed')
  const byLane = Object.groupBy(open, (row) => laneNow(row.id, storedHealth(row).health, now))
  const healthy = byLane.fresh ?? []
  return {
    here: healthy.slice(0, ORDER_SIZE),
    fresh: healthy.slice(ORDER_SIZE),
    patient: byLane.patient ?? [],
  }
}

/** The next enabled endpoints after the message's cursor, whether they match or not: so a page costs the same whatever it finds. */
const NEXT_PAGE = `select id, event_types, books, ${ENDPOINT_COLUMNS}
  from endpoints indexed by endpoints_enabled
  where status = 'enabled' and id > (select cursor from messages where id = ?1)
  order by id limit ${PAGE_SIZE}`

/** The endpoints of the page that get the message: those that ask for it, and are not what it is about. */
const MATCHING = `messages m, (${NEXT_PAGE}) p
  where m.id = ?1 and m.dispatched_at is null and m.about is not p.id and exists (
    select 1 from json_each(p.event_types) t where t.value in (select value from json_each(?2)))
  and ${wantsBook('p')}`

/**
 * One round trip: reads the message and the matching endpoints of its next page, makes their rows and moves the cursor.
 * @returns null when the message is fully dispatched (or unknown)
 */
async function takePage(
  env: Env,
  message: { id: string; type: string },
  now: number,
  lease: number
): Promise<Page | null> {
  const filters = JSON.stringify(filtersFor(message.type))
  const [read, matching, made, moved] = await env.DB.batch<Record<string, unknown>>([
    env.DB.prepare('select payload from messages where id = ?1 and dispatched_at is null').bind(
      message.id
    ),
    env.DB.prepare(`select p.id, ${ENDPOINT_COLUMNS} from ${MATCHING}`).bind(message.id, filters),
    env.DB.prepare(
      `insert or ignore into deliveries (endpoint_id, message_id, status, next_attempt_at)
       select p.id, m.id, 'pending', case when p.breaker = 'closed' then ?3 end from ${MATCHING}
       returning endpoint_id`
    ).bind(message.id, filters, lease),
    env.DB.prepare(
      `update messages set
         cursor = coalesce((select max(id) from (${NEXT_PAGE})), cursor),
         dispatched_at = case when (select count(*) from (${NEXT_PAGE})) < ${PAGE_SIZE} then ?2 end
       where id = ?1 and dispatched_at is null returning dispatched_at`
    ).bind(message.id, now),
  ])
  const payload = read?.results[0]?.payload
  if (typeof payload !== 'string') return null
  // A replay may have made the row before: then it goes with what that let go, and not here as well.
  const ours = new Set(made?.results.map((row) => row.endpoint_id))
  const rows = (matching?.results ?? []) as unknown as PageRow[]
  return {
    payload,
    endpoints: rows.filter(({ id }) => ours.has(id)),
    hasMore: moved?.results[0]?.dispatched_at === null,
  }
}

function firstRef(endpointId: string, messageId: string, lease: number): DeliveryRef {
  return { endpoint_id: endpointId, message_id: messageId, attempt_count: 0, lease }
}

function firstSending(row: PageRow, message: Sending['message'], lease: number): Sending {
  const endpoint = sendingEndpoint(row.id, row)
  return { endpoint, message, state: newDelivery(lease), release: undefined }
}
