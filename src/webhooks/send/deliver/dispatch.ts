import { all, batch, run, type Statement, statement, type Values } from '../../../kit/db/statements'
import { claiming, growingLease } from '../../../kit/sweep/oldest-rows'
import { log } from '../../../log'
import { textFor } from '../../endpoints/condition-and-texts'
import { newDelivery } from '../../rules/delivering/delivery-state'
import { isPaced } from '../../rules/delivering/pace'
import { FIRST_WAKE_MS, MAX_WAKE_MS } from '../../rules/delivering/retry-schedule'
import { decidePage } from '../../rules/events/when'
import { expectKeys, NEWEST_KEY_AT } from '../../signing-keys/store'
import { type deliveries, type endpoints, messages } from '../../tables/outgoing'
import { ORDER_SIZE } from '../../work/orders'
import { sendOrders, wakeDispatch } from '../../work/send-orders'
import { isWanted } from '../publish/subscriptions'
import { parkCalls } from './calls'
import { busyLast, laneNow, whenToBegin } from './hanging-receivers'
import { leaseFrom } from './lease'
import { passingStates } from './parked'
import { attemptAll, type Consumer, sendLater } from './run-order'
import { SENDING, type Sending, type SendingEndpoint, toRef } from './sending'

/** The maximum number of endpoints that one dispatch scans. The next page gets another work order. */
export const DISPATCH_PAGE = 500

type MessageRow = typeof messages.$inferSelect
type MessageRef = Pick<MessageRow, 'id' | 'type'>

/**
 * Step 2, dispatch: creates the deliveries for the next page of endpoints, and immediately attempts the first dozen to
 * healthy endpoints. Running it twice is safe: the cursor moves in the transaction that creates the rows, so a second
 * run finds nothing to do. If the process dies after that transaction, the sweep takes the rows when their leases end.
 */
export async function dispatchMessage(env: Env, message: MessageRef, now: number, consumer: Consumer): Promise<void> {
  const lease = leaseFrom(now)
  const page = await takePage(env, message.id, now, lease)
  if (!page) return
  expectKeys(env, page.message.newest_key_at)
  if (page.hasMore) await wakeDispatch(env, [message])
  log('message.dispatched', { message_id: message.id, deliveries: page.endpoints.length })
  const others = { release: undefined, ahead: 0, job_id: null }
  const first = { message: { ...message, ...page.message }, state: newDelivery(lease), ...others }
  const sendings = page.endpoints.map((endpoint) => ({ endpoint, ...first }))
  const { here, fresh, patient, later, calls } = assign(env, sendings, now)
  const written = await withTexts(env, here)
  await parkCalls(env, calls.map(toRef), now)
  await sendOrders(env, 'fresh', fresh.map(toRef))
  await sendOrders(env, 'patient', patient.map(toRef))
  await sendLater(env, later)
  await attemptAll(env, written, now, consumer)
}

/**
 * Serves the first dozen healthy endpoints here, and others by orders on their lanes. `calls` go to paced endpoints,
 * and are never sent from here. Parked deliveries get no order.
 */
function assign<S extends Sending>(env: Env, sendings: S[], now: number) {
  const unparked = sendings.filter(({ endpoint }) => endpoint.breaker === 'closed')
  const laneOf = (one: S) => {
    if (isPaced(one.endpoint)) return 'calls'
    return whenToBegin(env, one, now) === 'later' ? 'later' : laneNow(env, one.endpoint, now)
  }
  const { fresh = [], patient = [], later = [], calls = [] } = Object.groupBy(busyLast(env, unparked, now), laneOf)
  return { here: fresh.slice(0, ORDER_SIZE), fresh: fresh.slice(ORDER_SIZE), patient, later, calls }
}

type Undispatched = Pick<MessageRow, 'payload' | 'hops' | 'cursor'> & { newest_key_at: number | null }

const UNDISPATCHED = statement<Pick<MessageRow, 'id'>, Undispatched>(`
  select payload, hops, cursor, ${NEWEST_KEY_AT} as newest_key_at
  from messages
  where id = :id and dispatched_at is null`)

/** The next enabled endpoints after the message's cursor, subscribed or not, so that every page costs the same. */
const NEXT_PAGE = `
    select id, event_types, books, "when", texts is not null as has_texts, ${SENDING}
    from endpoints indexed by endpoints_enabled
    where status = 'enabled' and id > (select cursor from messages where id = :id)
    order by id
    limit ${DISPATCH_PAGE}`

/** The endpoints on the page that want the message. */
const MATCHING = `
  from messages m, (${NEXT_PAGE}) p
  where m.id = :id
    and m.dispatched_at is null
    and ${isWanted('p')}`

/** The texts of a page could be long, so they are read only for the endpoints that are served from here. */
type MatchingEndpoint = SendingEndpoint & Pick<typeof endpoints.$inferSelect, 'when'> & { has_texts: number }

const MATCHING_ENDPOINTS = statement<{ id: string }, MatchingEndpoint>(`
  select p.id, p."when", p.has_texts, null as text, ${SENDING}
  ${MATCHING}`)

type Created = Pick<typeof deliveries.$inferSelect, 'endpoint_id'>

/** A replay may already have created a row; that row is sent when the replay's deliveries are released. */
function creating<P extends Values>(condition: string): Statement<P, Created> {
  return statement(`
  insert or ignore into deliveries (endpoint_id, message_id, status, next_attempt_at)
  select p.id, m.id, 'pending', iif(p.breaker in (${passingStates()}), :lease, null)
  ${MATCHING}
    and ${condition}
  returning endpoint_id`)
}

type Creating = { id: string; lease: number }

const CREATE_UNCONDITIONAL = creating<Creating>('p."when" is null')

/** The page is still the one for which the conditions were decided. */
const IS_SAME_PAGE = 'm.cursor = :cursor'

const CREATE_WANTED = creating<Creating & { cursor: string; wanted: string }>(
  `${IS_SAME_PAGE} and p.id in (select value from json_each(:wanted))`
)

type Moved = Pick<MessageRow, 'cursor' | 'dispatched_at'>

/** @param until SQL for the last endpoint that was decided; null for the whole page */
function moving<P extends Values>(until: string, condition: string): Statement<P, Moved> {
  return statement(`
  update messages as m
  set cursor = coalesce(${until}, page.last, m.cursor),
    dispatched_at = iif(${until} is null and page.size < ${DISPATCH_PAGE}, :now, null)
  from (
    select max(id) as last, count(*) as size, total("when" is not null) as conditions
    from (${NEXT_PAGE})) page
  where m.id = :id and m.dispatched_at is null and ${condition}
  returning cursor, dispatched_at`)
}

type Moving = { id: string; now: number }

/** A page with conditions stays until they have been decided. */
const MOVE_UNCONDITIONAL = moving<Moving>('null', 'page.conditions = 0')
const MOVE_DECIDED = moving<Moving & { cursor: string; until: string | null }>(':until', IS_SAME_PAGE)

/**
 * Takes one round trip, or two with conditions. If the process dies in between, the page is taken again.
 * @returns null if the message is unknown or already fully dispatched
 */
async function takePage(env: Env, id: string, now: number, lease: number) {
  const [undispatched, matching, created, moved] = await batch(env, [
    UNDISPATCHED(env, { id }),
    MATCHING_ENDPOINTS(env, { id }),
    CREATE_UNCONDITIONAL(env, { id, lease }),
    MOVE_UNCONDITIONAL(env, { id, now }),
  ])
  const [message] = undispatched.results
  if (!message) return null
  const page = { id, lease, now, ...message }
  const decided = moved.results.length === 0 ? await takeDecided(env, page, matching.results) : null
  const rows = [...created.results, ...(decided?.created ?? [])]
  const ours = new Set(rows.map(({ endpoint_id }) => endpoint_id))
  const [end] = decided?.moved ?? moved.results
  const endpoints = matching.results.filter((endpoint) => ours.has(endpoint.id))
  return { message, endpoints, hasMore: end?.dispatched_at === null }
}

type Page = Creating & Moving & Pick<MessageRow, 'payload' | 'cursor'>

/** Creates the deliveries to endpoints whose condition is true, and moves past what was decided, in one batch. */
async function takeDecided(env: Env, { payload, cursor, now, ...page }: Page, matching: MatchingEndpoint[]) {
  const conditional = matching.filter(({ when }) => when !== null).toSorted((a, b) => (a.id < b.id ? -1 : 1))
  const { wanted, until } = decidePage(conditional, payload)
  const [created, moved] = await batch(env, [
    CREATE_WANTED(env, { ...page, cursor, wanted: JSON.stringify(wanted) }),
    MOVE_DECIDED(env, { id: page.id, now, cursor, until }),
  ])
  return { created: created.results, moved: moved.results }
}

const READ_TEXTS = statement<{ ids: string; type: string }, Pick<SendingEndpoint, 'id' | 'text'>>(`
  select e.id, ${textFor(':type')} as text
  from json_each(:ids) j
  cross join endpoints e on e.id = j.value`)

/** Reads the texts of those endpoints that have any, in one query. */
async function withTexts(env: Env, sendings: (Sending & { endpoint: MatchingEndpoint })[]): Promise<Sending[]> {
  const ids = sendings.filter(({ endpoint }) => endpoint.has_texts).map(({ endpoint }) => endpoint.id)
  const [first] = sendings
  if (!first || ids.length === 0) return sendings
  const found = await all(READ_TEXTS(env, { ids: JSON.stringify(ids), type: first.message.type }))
  const texts = new Map(found.map(({ id, text }) => [id, text]))
  return sendings.map((one) => ({ ...one, endpoint: { ...one.endpoint, text: texts.get(one.endpoint.id) ?? null } }))
}

type Overdue = Pick<MessageRow, 'id' | 'type' | 'wake_at'>

/**
 * Claims overdue dispatches. The lease doubles each time, so that a dispatch that cannot succeed does not run every
 * minute. The age of a message does not count, because a message whose wake-up was lost has not failed.
 */
export const CLAIM_UNDISPATCHED = claiming(messages, {
  at: 'wake_at',
  index: 'messages_waking',
  condition: 'dispatched_at is null',
  until: growingLease('wake_at - created_at', FIRST_WAKE_MS, MAX_WAKE_MS),
  returns: ['id', 'type', 'wake_at'],
})

const RELEASE_UNDISPATCHED = statement<{ claimed: string }>(`
  update messages
  set wake_at = created_at
  from json_each(:claimed) j
  where messages.id = j.value ->> 'id'
    and messages.wake_at = j.value ->> 'wake_at'
    and dispatched_at is null`)

/** Releases messages whose wake-up was lost: they are due immediately, unless another sweep has claimed them. */
export async function releaseUndispatched(env: Env, claimed: Overdue[]): Promise<void> {
  await run(RELEASE_UNDISPATCHED(env, { claimed: JSON.stringify(claimed) }))
}
