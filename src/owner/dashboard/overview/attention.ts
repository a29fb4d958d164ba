import { type BookUse, findBusy, LIST_USE } from '../../../guestbook/books/quota/store'
import { type Reached, readDailyLimit } from '../../../kit/db/daily-limit'
import { columnsOf, type RowOf } from '../../../kit/db/rows'
import { batchNamed, statement } from '../../../kit/db/statements'
import type { Tone } from '../../../kit/html/dashboard'
import { dayOf, MINUTE_MS } from '../../../kit/lib/time'
import { type LastAttempt, lastAttempts } from '../../../webhooks/endpoints/last-answers'
import { shownEndpointStatus } from '../../../webhooks/endpoints/views'
import { IS_RECENT_FAILURE, RECENT_MS, recentFrom } from '../../../webhooks/receive/messages/recent-requests'
import { type Count, countParkedOf } from '../../../webhooks/send/messages/queries'
import { endpoints, NEEDS_ATTENTION } from '../../../webhooks/tables/outgoing'
import { type ConfigurationFault, findFaults } from '../../self-check/configuration'

/*
 * What needs the owner's attention. Each count stops at a small number, because each costs a row. Only the deliveries
 * that wait for one of the few endpoints that are shown are counted as far as on its own page.
 */

const NEEDY = columnsOf(
  endpoints,
  'id',
  'url',
  'description',
  'status',
  'disabled_reason',
  'disabled_at',
  'created_at',
  'failing_since',
  'consecutive_failures',
  'breaker',
  'resume_at',
  'probes',
  'min_interval_minutes',
  'outage_since',
  'stable_at'
)
export type Endpoint = RowOf<typeof NEEDY>

/** `parked`: how many deliveries wait, as on the page of the endpoint. `answer`: what the receiver answered last. */
export type NeedyEndpoint = Endpoint & { shown: Tone; parked: Count; answer: LastAttempt | undefined }

/** Counts stop here. */
export const MAX_NEEDS_COUNTED = 11
/**
 * How many endpoints that do not work are shown, and how many that wait for approval. Others that need attention are
 * counted up to a small number: they are read whole.
 */
export const MAX_SHOWN = 4
export const MAX_MORE = 6
/** Work is late if it was due this long ago: the sweep looks every minute. */
export const SWEEP_LATE_MS = 5 * MINUTE_MS

export interface Attention {
  faults: ConfigurationFault[]
  endpoints: NeedyEndpoint[]
  /** How many more there are. The page counts up to `MAX_MORE`. */
  more_endpoints: number
  /** Those that integrators have registered, or changed, and that wait for approval. The oldest come first. */
  registered: Endpoint[]
  /** The webhooks of the last week that failed. */
  failed_inbound: number
  /** Deliveries and requests that are late. */
  late: number
  /** The daily limit of the database, if it was reached in the last week. */
  daily_limit: Reached | null
  /** Where strangers have stored much today. */
  busy_books: BookUse[]
}

/** The oldest come first, so that registrations by strangers do not push endpoints of the owner off the list. */
const LIST_ENDPOINTS = NEEDY.from<Record<never, never>>(`
  endpoints indexed by endpoints_needing
  where ${NEEDS_ATTENTION}
  order by id
  limit ${2 * MAX_SHOWN + MAX_MORE}`)

/** How many of the latest attempts to an endpoint are looked at. */
const LAST_ATTEMPTS = 10
/** How many of the endpoints that are paused are looked at: those whose pauses end first. */
const FIRST_PAUSED = 5

/**
 * Endpoints that are down, which many older ones would push off the list above. And receivers that only ask for pauses:
 * a pause is no failure, but none of the last attempts succeeded.
 */
const LIST_PAUSED = NEEDY.of('e').from<Record<never, never>>(`
  (select id from endpoints indexed by endpoints_resuming
    where resume_at is not null order by resume_at limit ${FIRST_PAUSED}) r
  cross join endpoints e on e.id = r.id
  where e.status = 'enabled' and (e.failing_since is not null or (e.breaker = 'held' and e.probes > 0
    and 'delivered' not in (
      select outcome from attempts where endpoint_id = e.id order by message_id desc, number desc limit ${LAST_ATTEMPTS})))`)

type Counted = Pick<Count, 'count'>

function countUpTo<P extends Record<string, string | number>>(from: string) {
  return statement<P, Counted>(`select count(*) as count from (select 1 from ${from} limit ${MAX_NEEDS_COUNTED})`)
}

const FAILED_INBOUND = countUpTo<{ since: string }>(
  `inbound_messages indexed by inbound_all_failed where ${IS_RECENT_FAILURE}`
)
const lateIn = (table: string) =>
  `select 1 from ${table} where next_attempt_at is not null and next_attempt_at < :before`
const LATE = countUpTo<{ before: number }>(`(${lateIn('deliveries')} union all ${lateIn('inbound_messages')})`)

const NONE: Count = { count: 0, counted_all: true }

export async function findAttention(env: Env, now: number): Promise<Attention> {
  const { listed, paused, failed, late, use } = await batchNamed(env, {
    listed: LIST_ENDPOINTS(env, {}),
    paused: LIST_PAUSED(env, {}),
    failed: FAILED_INBOUND(env, { since: recentFrom(now) }),
    late: LATE(env, { before: now - SWEEP_LATE_MS }),
    use: LIST_USE(env, { day: dayOf(now) }),
  })
  const limit = await readDailyLimit(env)
  const since = ({ failing_since }: Endpoint) => failing_since ?? now
  const found = [...new Map([...paused, ...listed].map((one) => [one.id, one])).values()]
  const isNew = ({ disabled_reason }: Endpoint) => disabled_reason === 'awaiting_approval'
  const registered = found.filter(isNew)
  const broken = found.filter((one) => !isNew(one))
  const needy = broken.toSorted((a, b) => rank(b) - rank(a) || since(a) - since(b))
  // A row that says that there is one more would take as much room as the one.
  const shown = needy.length === MAX_SHOWN + 1 ? needy.length : MAX_SHOWN
  return {
    faults: findFaults(env),
    endpoints: await withAnswers(env, needy.slice(0, shown)),
    more_endpoints: needy.slice(shown).length,
    registered,
    failed_inbound: failed[0]?.count ?? 0,
    late: late[0]?.count ?? 0,
    daily_limit: limit && limit.at > now - RECENT_MS ? limit : null,
    busy_books: findBusy(use),
  }
}

/** What keeps deliveries waiting now comes before what is only tried again, and that before what is disabled. */
const rank = ({ status, breaker }: Endpoint) => (status === 'disabled' ? 0 : breaker === 'closed' ? 1 : 2)

/** Of equal rank, those for which most deliveries wait come first. */
async function withAnswers(env: Env, rows: Endpoint[]): Promise<NeedyEndpoint[]> {
  const ids = rows.map(({ id }) => id)
  const [parked, answers] = await Promise.all([countParkedOf(env, ids), lastAttempts(env, ids)])
  const needy = rows.map((row, i) => ({
    ...row,
    shown: shownEndpointStatus(row),
    parked: parked[i] ?? NONE,
    answer: answers.get(row.id),
  }))
  return needy.toSorted((a, b) => rank(b) - rank(a) || b.parked.count - a.parked.count)
}
