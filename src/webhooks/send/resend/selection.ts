import { columnsOf, type RowOf } from '../../../kit/db/rows'
import { scanned } from '../../../kit/db/scanned'
import { all, first, statement } from '../../../kit/db/statements'
import { firstIdAt } from '../../../kit/lib/ids'
import { isParked } from '../../rules/delivering/delivery-state'
import { wanting } from '../../rules/events/when'
import { endpoints, messages } from '../../tables/outgoing'
import { IS_NOT_ERASED } from '../deliver/erase'
import { type Selectable, STATE } from '../deliver/resend-store'
import type { DeliveryRow } from '../deliver/store'
import type { Count } from '../messages/queries'
import { hasType, isWanted } from '../publish/subscriptions'

/*
 * Which deliveries are sent again, or discarded. A selection is walked endpoint by endpoint, in pages of limited length, in
 * the order of the message ids.
 */

export type SelectionAct = 'resend' | 'discard'

export interface Selection {
  /** Null for all that are not deleted. */
  endpoints: string[] | null
  states: readonly Selectable[]
  /** Null for all. */
  event_types: string[] | null
  book: string | null
  /** The times of the messages, in epoch milliseconds, both inclusive. */
  since: number
  until: number
  /** Messages that a person names. Their endpoints get them as asked: whatever they subscribe to, at once. */
  ids: string[] | null
}

/** How many deliveries one page selects at most. */
export const SELECTION_PAGE = 100
/** How many rows one page reads. */
const SCAN_LIMIT = 2_000

/** The range of a selection as two message ids, both exclusive. Message ids sort by time. */
export function rangeOf({ since, until }: Pick<Selection, 'since' | 'until'>) {
  return { after: firstIdAt('msg', since), end: firstIdAt('msg', until + 1) }
}

const SELECTED_ENDPOINT = columnsOf(endpoints, 'id', 'when', 'rate_limit')
export type SelectedEndpoint = RowOf<typeof SELECTED_ENDPOINT>

const NEXT_ENDPOINT = SELECTED_ENDPOINT.from<{ after: string; from: string; endpoints: string | null }>(`
  endpoints indexed by endpoints_present
  where status <> 'deleted' and id > :after and id >= :from
    and (:endpoints is null or id in (select value from json_each(:endpoints)))
  order by id
  limit 1`)

/** @returns the first endpoint of a selection whose id is `from` or later, and after `after` */
export async function nextEndpoint(
  env: Env,
  selection: Pick<Selection, 'endpoints'>,
  { after = '', from = '' }: { after?: string; from?: string }
): Promise<SelectedEndpoint | null> {
  const listed = selection.endpoints && JSON.stringify(selection.endpoints)
  return first(NEXT_ENDPOINT(env, { after, from, endpoints: listed }))
}

const ENDPOINT_BEFORE = statement<{ before: string; endpoints: string | null }, { id: string }>(`
  select id
  from endpoints indexed by endpoints_present
  where status <> 'deleted' and id < :before
    and (:endpoints is null or id in (select value from json_each(:endpoints)))
  order by id desc
  limit 1`)

/** @returns the id of the last endpoint of a selection before another one, or null */
export async function endpointBefore(env: Env, { endpoints }: Selection, before: string): Promise<string | null> {
  const found = await first(ENDPOINT_BEFORE(env, { before, endpoints: endpoints && JSON.stringify(endpoints) }))
  return found?.id ?? null
}

interface Candidate {
  id: string
  state: Selectable | 'under_way'
  characters: number
}

type Wanted = {
  endpoint_id: string
  event_types: string | null
  book: string | null
  states: string
  /** Whether the endpoint gets only what it subscribes to. */
  judged: number
  /** Whether deliveries to a disabled endpoint are left out. */
  sent: number
}

/**
 * A message with an audience is a test, which is never sent again. An endpoint never gets what it never had, and does
 * not subscribe to: not even if a person names the message.
 */
const IS_SELECTED = `m.audience is null
    and ${IS_NOT_ERASED}
    and (:event_types is null or ${hasType(':event_types')})
    and (:book is null or m.book = :book)
    and (:judged = 0 and d.status is not null or ${isWanted('e')})
    and (${STATE} = 'under_way' or ${STATE} in (select value from json_each(:states)))`

const joined = (key: string) => `cross join messages m on m.id = w.${key}
  cross join endpoints e on e.id = :endpoint_id
  left join deliveries d on d.endpoint_id = :endpoint_id and d.message_id = m.id`

const SHOWN = columnsOf(messages, 'id')
  .of('m')
  .and<Omit<Candidate, 'id'>>(`${STATE} as state`, 'length(m.payload) as characters')

const listing = (from: string, key: string, within = 'true') =>
  scanned<Wanted, Candidate>({
    from,
    within,
    key,
    isOldestFirst: true,
    most: SCAN_LIMIT,
    read: key,
    join: joined(key),
    where: IS_SELECTED,
    show: SHOWN,
  })

const OF_ENDPOINT = 'endpoint_id = :endpoint_id'
/** What is missing has no delivery, so it is found among the messages. */
const LIST = {
  missing: listing('messages', 'id'),
  failed: listing('deliveries indexed by deliveries_failed', 'message_id', `${OF_ENDPOINT} and status = 'failed'`),
  any: listing('deliveries', 'message_id', OF_ENDPOINT),
}

const FIND_NAMED = SHOWN.from<Wanted & { ids: string; after: string; end: string }>(`
  json_each(:ids) j
  cross join messages m on m.id = j.value and m.id > :after and m.id < :end
  cross join endpoints e on e.id = :endpoint_id
  left join deliveries d on d.endpoint_id = :endpoint_id and d.message_id = m.id
  where ${IS_SELECTED} and (:sent = 0 or e.status = 'enabled')`)

/** A page of what a selection finds for one endpoint. */
export interface SelectedPage {
  endpoint: SelectedEndpoint
  /** Message ids that have a delivery, and ids of missed messages. */
  existing: string[]
  missing: string[]
  /** How many are under way, and therefore left alone. */
  under_way: number
  /** The last message that was scanned. */
  cursor: string
  hasMore: boolean
  /** How many characters of payloads were read to judge conditions. */
  judged: number
}

/**
 * Takes one round trip, or two if the endpoint has a condition. Each message is judged by its own payload. A discard
 * judges nothing: what waits can be given up, whatever the endpoint subscribes to by now. Of the messages that a person
 * names, only those are judged that the endpoint never had.
 * @param after a message id, exclusive @param limit how many deliveries it selects at most
 */
export async function readPage(
  env: Env,
  act: SelectionAct,
  selection: Selection,
  endpoint: SelectedEndpoint,
  after: string,
  limit = SELECTION_PAGE
): Promise<SelectedPage> {
  const isNamed = selection.ids !== null
  const found = await readCandidates(env, act, selection, endpoint.id, after, limit)
  const when = act === 'resend' ? endpoint.when : null
  const page = when === null || isNamed ? found.data : takeDecidable(found.data)
  const isJudged = ({ state }: Candidate) => when !== null && (!isNamed || state === 'missing')
  const passing = when === null ? page : await judge(env, page.filter(isJudged), when)
  const wanted = page.filter((one) => !isJudged(one) || passing.includes(one))
  const idsIn = (isIn: (state: Candidate['state']) => boolean) =>
    wanted.filter(({ state }) => isIn(state)).map(({ id }) => id)
  const isCut = page.length < found.data.length
  return {
    endpoint,
    existing: idsIn((state) => state !== 'missing' && state !== 'under_way'),
    missing: idsIn((state) => state === 'missing'),
    under_way: idsIn((state) => state === 'under_way').length,
    cursor: isCut ? (page.at(-1)?.id ?? after) : (found.last ?? after),
    hasMore: isCut || found.next !== null,
    judged: page.filter(isJudged).reduce((sum, { characters }) => sum + characters, 0),
  }
}

async function readCandidates(
  env: Env,
  act: SelectionAct,
  { states, event_types, book, ids, ...times }: Selection,
  endpoint_id: string,
  after: string,
  limit: number
) {
  const wanted = {
    endpoint_id,
    event_types: event_types && JSON.stringify(event_types),
    book,
    states: JSON.stringify(states),
    judged: Number(act === 'resend' && ids === null),
    sent: Number(act === 'resend'),
  }
  const { end } = rangeOf(times)
  if (ids === null) {
    const list = states.includes('missing')
      ? LIST.missing
      : states.every((one) => one === 'failed')
        ? LIST.failed
        : LIST.any
    return list(env, wanted, { from: after, to: end }, limit)
  }
  const data = await all(FIND_NAMED(env, { ...wanted, ids: JSON.stringify(ids), after, end }))
  return { data, next: null, last: null }
}

/** The maximum number of characters in the payloads that conditions read for one page. */
const DECIDED_CHARACTERS = 500_000

/** @returns the first candidates, at least one, whose conditions can be decided within the limit */
function takeDecidable(candidates: Candidate[]): Candidate[] {
  let characters = 0
  const end = candidates.findIndex((one, i) => {
    characters += one.characters
    return i > 0 && characters > DECIDED_CHARACTERS
  })
  return end < 0 ? candidates : candidates.slice(0, end)
}

const READ_PAYLOADS = columnsOf(messages, 'id', 'payload')
  .of('m')
  .from<{ ids: string }>(`
  json_each(:ids) j
  cross join messages m on m.id = j.value
  where ${IS_NOT_ERASED}`)

/** Decides as dispatch does. @returns the candidates for which the endpoint's condition is true */
async function judge(env: Env, candidates: Candidate[], when: string): Promise<Candidate[]> {
  if (candidates.length === 0) return []
  const ids = JSON.stringify(candidates.map(({ id }) => id))
  const payloads = new Map((await all(READ_PAYLOADS(env, { ids }))).map(({ id, payload }) => [id, payload]))
  const isWanted = wanting(when)
  return candidates.filter(({ id }) => isWanted(payloads.get(id) ?? 'null'))
}

export interface SelectionCount extends Count {
  /** How many of them have an attempt under way, and are left alone. They are not part of `count`. */
  under_way: number
  /** How many rows the act writes in the database. */
  rows: number
  first_ids: string[]
}

/** A count ends here, or after so many pages, or when conditions have read so much. */
const MAX_COUNTED = 10_000
const COUNT_PAGES = 15
const COUNT_CHARACTERS = 1_000_000
const FIRST_IDS = 10

/** Rows that an act writes for a delivery: the row, and its entries in the indexes. */
const ROWS = { existing: { resend: 3, discard: 2 }, missing: 2 }

/** Counts what a selection finds. @param pages how many it reads at most, each with up to three queries */
export async function countSelection(
  env: Env,
  act: SelectionAct,
  selection: Selection,
  pages = COUNT_PAGES
): Promise<SelectionCount> {
  const counted: SelectionCount = { count: 0, counted_all: true, under_way: 0, rows: 0, first_ids: [] }
  let endpoint = await nextEndpoint(env, selection, {})
  let { after } = rangeOf(selection)
  let characters = 0
  for (let page = 0; endpoint !== null; page++) {
    if (page === pages || counted.count >= MAX_COUNTED || characters > COUNT_CHARACTERS)
      return { ...counted, counted_all: false }
    const found: SelectedPage = await readPage(env, act, selection, endpoint, after, SCAN_LIMIT)
    const { existing, missing } = found
    counted.count += existing.length + missing.length
    counted.under_way += found.under_way
    counted.rows += existing.length * ROWS.existing[act] + missing.length * ROWS.missing
    const ids = new Set([...counted.first_ids, ...[...existing, ...missing].toSorted()])
    counted.first_ids = [...ids].slice(0, FIRST_IDS)
    characters += found.judged
    if (found.hasMore) after = found.cursor
    else {
      endpoint = await nextEndpoint(env, selection, { after: endpoint.id })
      after = rangeOf(selection).after
    }
  }
  return counted
}

type Key = Pick<DeliveryRow, 'endpoint_id' | 'message_id'>

/** The latest deliveries of an endpoint that wait for their retry are found among so many. */
const LATEST = 500

const WAITING = statement<{ endpoint_id: string }, { message_id: string | null }>(`
  select min(message_id) as message_id
  from (
    select message_id from (
      select message_id
      from deliveries indexed by deliveries_parked
      where endpoint_id = :endpoint_id and ${isParked('deliveries')}
      order by message_id
      limit 1)
    union all
    select message_id from (
      select message_id, status, next_attempt_at, reason
      from deliveries
      where endpoint_id = :endpoint_id
      order by message_id desc
      limit ${LATEST})
    where status = 'pending' and next_attempt_at is not null and reason is not null)`)

const LAST_FAILED = statement<{ endpoint_id: string }, Pick<Key, 'message_id'>>(`
  select message_id
  from deliveries indexed by deliveries_failed
  where endpoint_id = :endpoint_id and status = 'failed'
  order by message_id desc
  limit 1`)

/** @returns the oldest delivery that waits, or the last that failed; null if there is none */
export async function findToTry(env: Env, endpoint_id: string): Promise<string | null> {
  const waiting = (await first(WAITING(env, { endpoint_id })))?.message_id
  return waiting ?? (await first(LAST_FAILED(env, { endpoint_id })))?.message_id ?? null
}
