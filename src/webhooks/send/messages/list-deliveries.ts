import type { RowOf } from '../../../kit/db/rows'
import { newestBetween, type ScannedPage, scanned } from '../../../kit/db/scanned'
import { all } from '../../../kit/db/statements'
import { readCursor } from '../../../kit/http/pagination'
import { isParked } from '../../rules/delivering/delivery-state'
import type { deliveries } from '../../tables/outgoing'
import { isOfType, type MessageFilter, type TypeFilter, typeFilter } from './list-messages'
import { DELIVERY, type ShownDelivery } from './queries'

/* Lists deliveries. */

/** Each row is read twice, for list and cursor, and a filter reads its message and endpoint, too: 1,000 reads. */
const READ = 250

const BY_ENDPOINT = {
  isOldestFirst: true,
  most: READ,
  read: 'id, url, format, description, status, disabled_reason, breaker, probes, min_interval_minutes',
  as: 'e',
  join: `cross join deliveries d on d.endpoint_id = e.id and d.message_id = :message_id
  join messages m on m.id = d.message_id`,
  show: DELIVERY,
}

type OfMessage = { message_id: string }

const listPresent = scanned<OfMessage, ShownDelivery>({
  ...BY_ENDPOINT,
  from: 'endpoints indexed by endpoints_present',
  within: `status <> 'deleted'`,
})
/** No index sorts deleted endpoints by their id, so a page reads all and shows few. */
const listDeleted = scanned<OfMessage, ShownDelivery>({
  ...BY_ENDPOINT,
  from: 'endpoints',
  where: `e.status = 'deleted'`,
})

/** What the cursors among deleted endpoints begin with. */
const DELETED = 'deleted:'

/** @returns the cursor, or undefined on the first page. @throws Refusal 400 */
export function readDeliveryCursor(cursor: string | undefined): string | undefined {
  readCursor('ep', cursor?.startsWith(DELETED) ? cursor.slice(DELETED.length) : cursor)
  return cursor
}

/**
 * Lists the deliveries of a message by endpoint. Those to deleted endpoints come last: there may be many rows of such
 * endpoints without a delivery. @param after a cursor
 */
export async function listMessageDeliveries(
  env: Env,
  message_id: string,
  after = ''
): Promise<ScannedPage<ShownDelivery>> {
  const isAmongDeleted = after.startsWith(DELETED)
  const [present, deleted] = await Promise.all([
    isAmongDeleted ? { data: [], next: null } : listPresent(env, { message_id }, { from: after }, READ),
    listDeleted(env, { message_id }, { from: isAmongDeleted ? after.slice(DELETED.length) : '' }, READ),
  ])
  if (present.next !== null) return present
  return { data: [...present.data, ...deleted.data], next: deleted.next && DELETED + deleted.next }
}

type Wanted = TypeFilter & { endpoint_id: string; status: string }

const JOIN = `cross join endpoints e on e.id = d.endpoint_id
  cross join messages m on m.id = d.message_id`
/** Of what is called `w`. */
const JOIN_DELIVERY = `cross join deliveries d on d.endpoint_id = w.endpoint_id and d.message_id = w.message_id
  ${JOIN}`

/** A delivery is settled only once, and may be tried long before and after that. */
const TRIED = DELIVERY.and<{ tried_at: number | null }>(`(select started_at from attempts
  where endpoint_id = d.endpoint_id and message_id = d.message_id order by number desc limit 1) as tried_at`)
type TriedDelivery = RowOf<typeof TRIED>
/** `tried_at`: when the last attempt started. The list of a message does not know it. */
export type ListedDelivery = ShownDelivery & Partial<TriedDelivery>

const OF_ENDPOINT = {
  key: 'message_id',
  most: READ,
  read: '*',
  as: 'd',
  join: JOIN,
  where: `(:status = '' or d.status = :status) and ${isOfType('m.type')}`,
  show: TRIED,
}

const listing = (from: string, condition: string) =>
  scanned<Wanted, TriedDelivery>({ ...OF_ENDPOINT, from, within: `endpoint_id = :endpoint_id and ${condition}` })
const listLatest = listing('deliveries', 'true')
const listFailed = listing('deliveries indexed by deliveries_failed', `status = 'failed'`)
const listParked = listing('deliveries indexed by deliveries_parked', isParked('deliveries'))

/** Each message has up to a few dozen attempts, so fewer are read. */
const listAttempted = scanned<Wanted, TriedDelivery>({
  ...OF_ENDPOINT,
  from: 'attempts',
  within: 'endpoint_id = :endpoint_id and number = 1',
  most: 100,
  read: 'endpoint_id, message_id',
  as: 'w',
  join: JOIN_DELIVERY,
})

/** Scheduled, but not attempted yet. Deliveries are scheduled by time, so those to other endpoints are read, too. */
const LIST_QUEUED = TRIED.from<{ endpoint_id: string }>(`
  (select endpoint_id, message_id
    from deliveries indexed by deliveries_due
    where next_attempt_at is not null
    order by next_attempt_at
    limit ${READ}) w
  ${JOIN_DELIVERY}
  where w.endpoint_id = :endpoint_id and d.attempt_count = 0 and e.breaker <> 'open'`)

interface DeliveryFilter extends Pick<MessageFilter, 'type' | 'since' | 'until'> {
  status?: (typeof deliveries.$inferSelect)['status'] | undefined
}

/** Lists the deliveries to an endpoint, newest first. @param page.before a message's id, exclusive */
export async function listDeliveries(
  env: Env,
  endpoint_id: string,
  { status, type, ...times }: DeliveryFilter,
  { before, limit }: { before: string | undefined; limit: number }
): Promise<ScannedPage<TriedDelivery>> {
  const wanted = { endpoint_id, ...typeFilter(type), status: status ?? '' }
  const list = status === 'failed' ? listFailed : listLatest
  return list(env, wanted, newestBetween('msg', times, before), limit)
}

/** What a page lists: those that were attempted, unless it says otherwise. */
export interface SelectedDeliveries extends DeliveryFilter {
  only?: 'waiting' | 'all' | undefined
}

/**
 * As `listDeliveries`, for a page. What only waits may be much, so it is left out unless it is asked for. Without
 * a filter, what is queued for its first attempt comes first.
 */
export async function listSelected(
  env: Env,
  endpoint_id: string,
  { only, ...filter }: SelectedDeliveries,
  page: { before: string | undefined; limit: number }
): Promise<ScannedPage<TriedDelivery>> {
  if (only === 'all' || filter.status) return listDeliveries(env, endpoint_id, filter, page)
  const list = only === 'waiting' ? listParked : listAttempted
  const wanted = { endpoint_id, ...typeFilter(filter.type), status: '' }
  const isPlain = [only, page.before, ...Object.values(filter)].every((value) => value === undefined)
  const [queued, { data, next }] = await Promise.all([
    isPlain ? all(LIST_QUEUED(env, { endpoint_id })) : [],
    list(env, wanted, newestBetween('msg', filter, page.before), page.limit),
  ])
  return { data: [...queued.slice(0, page.limit), ...data], next }
}
