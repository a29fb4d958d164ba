import type { DeliveryStatus, Trigger } from '../../core/delivering/delivery-state'
import type { Outcome } from '../../core/delivering/outcome'

/*
 * What is read to be shown. Lists go by key order from a cursor and read about as many rows as they return.
 */

export interface MessageRow {
  id: string
  type: string
  created_at: number
  dispatched_at: number | null
}

export interface DeliveryRow {
  message_id: string
  endpoint_id: string
  endpoint_url: string
  event_type: string
  status: DeliveryStatus
  reason: string | null
  attempt_count: number
  next_attempt_at: number | null
  last_status_code: number | null
  settled_at: number | null
}

export interface AttemptRow {
  number: number
  trigger: Trigger
  started_at: number
  duration_ms: number
  outcome: Outcome
  status_code: number | null
  error_class: string | null
  response_excerpt: string | null
}

/**
 * Where a filter is rare, a call looks at this many rows and hands back a cursor, even for an empty page. It looks twice, for the
 * rows and for where it stopped, so that it reads at most 500.
 */
export const SCAN_LIMIT = 250
/** Above every id: the first page. */
const TOP = '~'

/** Newest first, one more than `limit` to see whether there are more. */
export async function listMessages(
  env: Env,
  before: string | undefined,
  limit: number
): Promise<MessageRow[]> {
  const { results } = await env.DB.prepare(
    'select id, type, created_at, dispatched_at from messages where id < ?1 order by id desc limit ?2'
  )
    .bind(before ?? TOP, limit)
    .all<MessageRow>()
  return results
}

export async function findMessage(
  env: Env,
  id: string
): Promise<(MessageRow & { payload: string }) | null> {
  return env.DB.prepare(
    'select id, type, created_at, dispatched_at, payload from messages where id = ?1'
  )
    .bind(id)
    .first()
}

/** Why a delivery is parked is the endpoint's matter, and not written with each. */
const REASON = `case when d.status <> 'pending' or d.next_attempt_at is not null then d.reason
  when e.status <> 'enabled' then 'endpoint_disabled'
  when e.breaker in ('open', 'probing') then 'breaker_open'
  when e.breaker = 'held' then 'throttled' else 'endpoint_draining' end as reason`

const DELIVERY = `d.message_id, d.endpoint_id, e.url as endpoint_url, m.type as event_type, d.status, ${REASON},
  d.attempt_count, d.next_attempt_at, d.last_status_code, d.settled_at`

/** The deliveries of a message: its key is looked up for each endpoint, a page of endpoints at a time. */
export async function listMessageDeliveries(
  env: Env,
  messageId: string,
  after = ''
): Promise<{ data: DeliveryRow[]; next: string | null }> {
  const page = `(select id, url, status, breaker from endpoints where id > ?2 order by id limit ${SCAN_LIMIT})`
  const [rows, scanned] = await env.DB.batch<Record<string, unknown>>([
    env.DB.prepare(
      `select ${DELIVERY} from ${page} e
       cross join deliveries d on d.endpoint_id = e.id and d.message_id = ?1
       join messages m on m.id = d.message_id`
    ).bind(messageId, after),
    env.DB.prepare(
      `select count(*) as looked_at, max(id) as last from (
         select id from endpoints where id > ?1 order by id limit ${SCAN_LIMIT})`
    ).bind(after),
  ])
  return {
    data: (rows?.results ?? []) as unknown as DeliveryRow[],
    next: cursorAfter(scanned?.results[0]),
  }
}

/** Newest first. `failed` has an index of its own; other filters look at a bounded number a call. */
export async function listDeliveries(
  env: Env,
  endpointId: string,
  page: { before: string | undefined; status: DeliveryStatus | undefined; limit: number }
): Promise<{ data: DeliveryRow[]; next: string | null }> {
  const { status, limit } = page
  const before = page.before ?? TOP
  if (status === undefined || status === 'failed') {
    const failed = status === 'failed'
    const source = `select * from deliveries ${failed ? 'indexed by deliveries_failed' : ''}
      where endpoint_id = ?1 and message_id < ?2 ${failed ? "and status = 'failed'" : ''}
      order by message_id desc limit ?3`
    const rows = await joined(env, source)
      .bind(endpointId, before, limit + 1)
      .all<DeliveryRow>()
    return cut(rows.results, limit, null)
  }
  const scan = `select * from deliveries where endpoint_id = ?1 and message_id < ?2 order by message_id desc limit ${SCAN_LIMIT}`
  const [rows, scanned] = await env.DB.batch<Record<string, unknown>>([
    joined(env, `select * from (${scan}) where status = ?3 limit ?4`).bind(
      endpointId,
      before,
      status,
      limit + 1
    ),
    env.DB.prepare(`select count(*) as looked_at, min(message_id) as last from (${scan})`).bind(
      endpointId,
      before
    ),
  ])
  const data = (rows?.results ?? []) as unknown as DeliveryRow[]
  return cut(data, limit, cursorAfter(scanned?.results[0]))
}

function joined(env: Env, source: string): D1PreparedStatement {
  return env.DB.prepare(
    `select ${DELIVERY} from (${source}) d
     cross join endpoints e on e.id = d.endpoint_id cross join messages m on m.id = d.message_id`
  )
}

/** @param scanEnd where to go on when everything that was looked at has been returned */
function cut(rows: DeliveryRow[], limit: number, scanEnd: string | null) {
  const data = rows.slice(0, limit)
  const next = rows.length > limit ? (data.at(-1)?.message_id ?? null) : scanEnd
  return { data, next }
}

function cursorAfter(scanned: Record<string, unknown> | undefined): string | null {
  return scanned?.looked_at === SCAN_LIMIT ? String(scanned.last) : null
}

export async function findDelivery(
  env: Env,
  key: { endpoint_id: string; message_id: string }
): Promise<DeliveryRow | null> {
  return env.DB.prepare(
    `select ${DELIVERY} from deliveries d join endpoints e on e.id = d.endpoint_id join messages m on m.id = d.message_id
     where d.endpoint_id = ?1 and d.message_id = ?2`
  )
    .bind(key.endpoint_id, key.message_id)
    .first<DeliveryRow>()
}

/** Newest first; a delivery has ten by its schedule, more only by hand or by throttling. */
export async function listAttempts(
  env: Env,
  key: { endpoint_id: string; message_id: string }
): Promise<AttemptRow[]> {
  const { results } = await env.DB.prepare(
    `select number, trigger, started_at, duration_ms, outcome, status_code, error_class, response_excerpt
     from attempts where endpoint_id = ?1 and message_id = ?2 order by number desc limit 100`
  )
    .bind(key.endpoint_id, key.message_id)
    .all<AttemptRow>()
  return results
}

export interface Count {
  count: number
  /** False: there are more than were looked at. */
  counted_all: boolean
}

/** Parked deliveries are counted as far as it is worth knowing. */
const PARKED_COUNTED = 1_000

/** How many deliveries of an endpoint wait without a time of their own. */
export async function countParked(env: Env, endpointId: string): Promise<Count> {
  const row = await env.DB.prepare(
    `select count(*) as parked from (
       select 1 from deliveries indexed by deliveries_parked
       where endpoint_id = ?1 and status = 'pending' and next_attempt_at is null limit ${PARKED_COUNTED + 1})`
  )
    .bind(endpointId)
    .first<{ parked: number }>()
  const parked = row?.parked ?? 0
  return { count: Math.min(parked, PARKED_COUNTED), counted_all: parked <= PARKED_COUNTED }
}
