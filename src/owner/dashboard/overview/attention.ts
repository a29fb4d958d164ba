import { type BookUse, findBusy, LIST_USE } from '../../../guestbook/books/quota/store'
import { DAILY_LIMIT, parseDailyLimit, type Reached } from '../../../kit/db/daily-limit'
import { columnsOf, type RowOf } from '../../../kit/db/sql/rows'
import { batchNamed, statement } from '../../../kit/db/statements'
import { FIND_SWEEP_STATE } from '../../../kit/db/sweep-state'
import type { Tone } from '../../../kit/html/dashboard'
import { firstIdAt } from '../../../kit/lib/ids'
import { DAY_MS, dayOf, MINUTE_MS } from '../../../kit/lib/time'
import { shownStatus } from '../../../webhooks/endpoints/views'
import { type Count, countParkedOf } from '../../../webhooks/send/messages/queries'
import { endpoints, NEEDS_ATTENTION } from '../../../webhooks/tables/outgoing'
import { type ConfigurationFault, findFaults } from '../../health/configuration'

/*
 * What needs the owner. Each count stops at a small number, because each costs a row. Only the deliveries that wait for
 * one of the few endpoints that are shown are counted as far as on its own page.
 */

const NEEDY = columnsOf(
  endpoints,
  'id url status disabled_reason disabled_at failing_since consecutive_failures breaker resume_at probes',
  'min_interval_minutes'
)
type Endpoint = RowOf<typeof NEEDY>

/** `parked`: how many deliveries wait, as on the page of the endpoint. */
export type NeedyEndpoint = Endpoint & { shown: Tone; parked: Count }

/** Counts stop here. */
export const MAX_COUNTED = 11
/** How many endpoints are shown. One more is read. */
export const MAX_ENDPOINTS = 5
/** Work is late if it was due this long ago: the sweep looks every minute. */
export const LATE_MS = 5 * MINUTE_MS
/** Failed webhooks and daily limits that are older need no attention. */
const RECENT_MS = 7 * DAY_MS

export interface Attention {
  faults: ConfigurationFault[]
  endpoints: NeedyEndpoint[]
  hasMoreEndpoints: boolean
  /** The webhooks of the last week that failed. */
  failed_inbound: number
  late_deliveries: number
  late_inbound: number
  /** The daily limit of the database, if it was reached in the last week. */
  daily_limit: Reached | null
  /** Where strangers have stored much today. */
  busy_books: BookUse[]
}

const LIST_ENDPOINTS = NEEDY.from<Record<never, never>>(`
  endpoints indexed by endpoints_needing
  where ${NEEDS_ATTENTION}
  order by id desc
  limit ${MAX_ENDPOINTS + 1}`)

type Counted = Pick<Count, 'count'>

function countUpTo<P extends Record<string, string | number>>(from: string) {
  return statement<P, Counted>(`select count(*) as count from (select 1 from ${from} limit ${MAX_COUNTED})`)
}

const FAILED_INBOUND = countUpTo<{ since: string }>(
  `inbound_messages indexed by inbound_all_failed where status = 'failed' and id >= :since`
)
const LATE_DELIVERIES = countUpTo<{ before: number }>(
  `deliveries where next_attempt_at is not null and next_attempt_at < :before`
)
const LATE_INBOUND = countUpTo<{ before: number }>(
  `inbound_messages where next_attempt_at is not null and next_attempt_at < :before`
)

const NONE: Count = { count: 0, counted_all: true }

export async function findAttention(env: Env, now: number): Promise<Attention> {
  const late = { before: now - LATE_MS }
  const found = await batchNamed(env, {
    endpoints: LIST_ENDPOINTS(env, {}),
    failed_inbound: FAILED_INBOUND(env, { since: firstIdAt('in', Math.max(0, now - RECENT_MS)) }),
    late_deliveries: LATE_DELIVERIES(env, late),
    late_inbound: LATE_INBOUND(env, late),
    daily_limit: FIND_SWEEP_STATE(env, { name: DAILY_LIMIT }),
    books: LIST_USE(env, { day: dayOf(now) }),
  })
  const shown = found.endpoints.slice(0, MAX_ENDPOINTS)
  const parked = await countParkedOf(
    env,
    shown.map(({ id }) => id)
  )
  const count = (rows: Counted[]) => rows[0]?.count ?? 0
  const limit = parseDailyLimit(found.daily_limit[0])
  return {
    faults: findFaults(env),
    endpoints: shown.map((row, i) => ({ ...row, shown: shownStatus(row), parked: parked[i] ?? NONE })),
    hasMoreEndpoints: found.endpoints.length > MAX_ENDPOINTS,
    failed_inbound: count(found.failed_inbound),
    late_deliveries: count(found.late_deliveries),
    late_inbound: count(found.late_inbound),
    daily_limit: limit && limit.at > now - RECENT_MS ? limit : null,
    busy_books: findBusy(found.books),
  }
}
