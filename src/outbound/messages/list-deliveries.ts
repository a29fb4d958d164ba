import type { deliveries } from '../../db/schema'
import { all, batch, statement, type Values } from '../../db/statements'
import { isOfType, type MessageFilter, rangeOf, type TypeFilter, typeFilter } from './list-messages'
import { DELIVERY_ROW, type DeliveryRow, findScanEnd, type ScanEnd } from './queries'

/*
 * Lists deliveries. A page scans a limited number of rows, so it may be empty even if there is a next page.
 */

type Delivery = typeof deliveries.$inferSelect

/**
 * The maximum number of rows that one page scans. They are read twice, for the list and the next cursor, and a filter also
 * reads the message and the endpoint of each: 1,000 reads.
 */
const SCAN_LIMIT = 250

/** The next endpoints after an id. */
function scanEndpoints(columns: string): string {
  return `
    select ${columns} from endpoints
    where id > :after
    order by id
    limit ${SCAN_LIMIT}`
}

const LIST_OF_MESSAGE = statement<{ message_id: string; after: string }, DeliveryRow>(`
  select ${DELIVERY_ROW}
  from (${scanEndpoints('id, url, format, status, breaker, probes, min_interval_minutes')}) e
  cross join deliveries d on d.endpoint_id = e.id and d.message_id = :message_id
  join messages m on m.id = d.message_id`)

const FIND_LAST_ENDPOINT = findScanEnd<{ after: string }>(scanEndpoints('id'))

export interface DeliveryPage {
  data: DeliveryRow[]
  /** Where the next page starts; null on the last page. */
  next: string | null
}

/** Lists the deliveries of a message by endpoint. @param after an endpoint's id, exclusive */
export async function listMessageDeliveries(env: Env, message_id: string, after = ''): Promise<DeliveryPage> {
  const [found, scan] = await batch(env, [
    LIST_OF_MESSAGE(env, { message_id, after }),
    FIND_LAST_ENDPOINT(env, { after }),
  ])
  return { data: found.results, next: cursorAfter(scan.results[0]) }
}

type Page = { endpoint_id: string; before: string; start: string; limit: number }

const DELIVERY_COLUMNS =
  'endpoint_id, message_id, status, reason, attempt_count, next_attempt_at, last_status_code, settled_at'

function listFrom<P extends Values>(source: string, condition = '') {
  return statement<P, DeliveryRow>(`
  select ${DELIVERY_ROW}
  from (${source}) d
  cross join endpoints e on e.id = d.endpoint_id
  cross join messages m on m.id = d.message_id ${condition}`)
}

/** The latest deliveries to an endpoint before a message. */
function latest(limit: string | number): string {
  return `
    select ${DELIVERY_COLUMNS}
    from deliveries
    where endpoint_id = :endpoint_id and message_id < :before and message_id >= :start
    order by message_id desc
    limit ${limit}`
}

const LIST_LATEST = listFrom<Page>(latest(':limit'))

const LIST_FAILED = listFrom<Page>(`
    select ${DELIVERY_COLUMNS}
    from deliveries indexed by deliveries_failed
    where endpoint_id = :endpoint_id and message_id < :before and message_id >= :start and status = 'failed'
    order by message_id desc
    limit :limit`)

/** `status` is empty for every status. */
const LIST_FILTERED = listFrom<Page & TypeFilter & { status: string }>(
  latest(SCAN_LIMIT),
  `where (:status = '' or d.status = :status) and ${isOfType('m.type')}
  limit :limit`
)

const FIND_LAST_DELIVERY = findScanEnd<Omit<Page, 'limit'>>(latest(SCAN_LIMIT), 'min(message_id)')

export interface DeliveryFilter extends Pick<MessageFilter, 'type' | 'since' | 'until'> {
  status?: Delivery['status'] | undefined
}

/**
 * Lists the deliveries to an endpoint, newest first. The status `failed` has its own index. With any other filter, only
 * a limited number of deliveries is scanned.
 * @param page.before a message's id, exclusive
 */
export async function listDeliveries(
  env: Env,
  endpoint_id: string,
  { status, type, ...times }: DeliveryFilter,
  { before, limit }: { before: string | undefined; limit: number }
): Promise<DeliveryPage> {
  const range = { endpoint_id, ...rangeOf(times, before) }
  const oneMore = { ...range, limit: limit + 1 }
  if (status === undefined && !type) return cut(await all(LIST_LATEST(env, oneMore)), limit, null)
  if (status === 'failed' && !type) return cut(await all(LIST_FAILED(env, oneMore)), limit, null)
  const [found, scan] = await batch(env, [
    LIST_FILTERED(env, { ...oneMore, ...typeFilter(type), status: status ?? '' }),
    FIND_LAST_DELIVERY(env, range),
  ])
  return cut(found.results, limit, cursorAfter(scan.results[0]))
}

/** @param scanEnd the next cursor if every row that was found is on this page */
function cut(rows: DeliveryRow[], limit: number, scanEnd: string | null): DeliveryPage {
  const data = rows.slice(0, limit)
  const next = rows.length > limit ? (data.at(-1)?.message_id ?? null) : scanEnd
  return { data, next }
}

function cursorAfter(scan: ScanEnd | undefined): string | null {
  return scan?.scanned === SCAN_LIMIT ? scan.last : null
}
