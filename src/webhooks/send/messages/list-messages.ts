import {
  excerptAround,
  lowerAscii,
  newestBetween,
  type ScannedPage,
  scanned,
  type TimeSpan,
} from '../../../kit/db/scanned'
import { all, statement } from '../../../kit/db/statements'
import type { EndpointRow } from '../../endpoints/store'
import { receiverSource } from '../../rules/delivering/built-in-receiver'
import { MESSAGE, type MessageRow, REASON, type ShownDelivery } from './queries'

/* Lists messages that match a filter, and what became of them. Each list reads a limited number of rows. */

export interface MessageFilter extends TimeSpan {
  /** Only messages with a failed delivery. */
  state?: 'failed' | undefined
  /** An event type, or a group such as `comment.*`. */
  type?: string | undefined
  /** Text to find in the id, the event type and the payload. */
  q?: string | undefined
  /** Leaves out tests, which the owner sends. */
  noTests?: boolean
}

/** Outcomes and failed deliveries are looked up for this many endpoints at most. */
export const MAX_ENDPOINTS_LISTED = 25

/**
 * Selects the newest endpoints. A deleted endpoint keeps its row as long as it has deliveries, so it gets only a place
 * that no other endpoint needs. @param more columns besides the id and the status @param places how many
 */
function newestEndpoints(places: number, more: string[] = []): string {
  const columns = ['id', 'status', ...more]
  return `
  select ${columns}
  from (select ${columns} from endpoints indexed by endpoints_present
    where status <> 'deleted' and id > '' order by id desc limit ${places})
  union all
  select ${columns}
  from (select ${columns} from endpoints indexed by endpoints_deleted
    where status = 'deleted' and excerpts_removed_to >= '' order by excerpts_removed_to desc, id desc limit ${places})
  limit ${places}`
}

export type TypeFilter = { prefix: string; is_group: number }

/** The SQL condition that a column contains an event type that the filter wants. */
export function isOfType(column: string): string {
  return `iif(:is_group = 1, substr(${column}, 1, length(:prefix)) = :prefix, :prefix = '' or ${column} = :prefix)`
}

/** @param type an event type, or a group such as `comment.*`; every type if it is empty */
export function typeFilter(type = ''): TypeFilter {
  return type.endsWith('.*') ? { prefix: type.slice(0, -1), is_group: 1 } : { prefix: type, is_group: 0 }
}

/** Leaves out the moderation links that were stored until 2026-11: a search would reveal whether a guess is right. */
const SEARCHED = `concat_ws(char(10), w.id, w.type,
  iif(w.type = 'comment.held' and payload <> '', json_remove(payload, '$.data.moderation'), payload))`

/** `excerpt`: what the search has found. */
export type FoundMessage = MessageRow & { excerpt?: string | null }

type Wanted = TypeFilter & { text: string; no_tests: number }

const FOUND = MESSAGE.of('w').and(excerptAround(SEARCHED))

const IS_WANTED = `${isOfType('w.type')}
    and (:no_tests = 0 or w.audience is null)
    and (:text = '' or instr(lower(${SEARCHED}), :text) > 0)`

const search = scanned<Wanted, FoundMessage>({
  from: 'messages',
  read: MESSAGE.of().and('payload', 'audience'),
  where: IS_WANTED,
  show: FOUND,
})

/** Lists messages, newest first. @param before an id, exclusive */
export async function findMessages(
  env: Env,
  { state, type = '', q = '', noTests = false, ...times }: MessageFilter,
  before: string | undefined,
  limit: number
): Promise<ScannedPage<FoundMessage>> {
  const range = newestBetween('msg', times, before)
  const wanted = { ...typeFilter(type), text: lowerAscii(q), no_tests: Number(noTests) }
  return (state === 'failed' ? listFailed : search)(env, wanted, range, limit)
}

/** The newest failed deliveries of each of the newest endpoints. */
const LIST_FAILED = statement<{ from: string; to: string; limit: number }, { ids: string }>(`
  select (
    select json_group_array(message_id)
    from (
      select message_id
      from deliveries indexed by deliveries_failed
      where endpoint_id = e.id and status = 'failed' and message_id < :from and message_id >= :to
      order by message_id desc
      limit :limit)) as ids
  from (${newestEndpoints(MAX_ENDPOINTS_LISTED)}) e`)

const FIND_WANTED = FOUND.from<Wanted & { ids: string }>(
  `json_each(:ids) j cross join messages w on w.id = j.value where ${IS_WANTED}`
)

/** Other filters thin out a page, which covers as many failed messages as a full one shows. */
async function listFailed(env: Env, wanted: Wanted, range: { from: string; to: string }, limit: number) {
  const lists = await all(LIST_FAILED(env, { ...range, limit: limit + 1 }))
  const failed = [...new Set(lists.flatMap((list): string[] => JSON.parse(list.ids)))].toSorted().reverse()
  const ids = failed.slice(0, limit)
  const data = await all(FIND_WANTED(env, { ...wanted, ids: JSON.stringify(ids) }))
  return { data, next: failed.length > limit ? (ids.at(-1) ?? null) : null }
}

/** What became of one delivery. `shownState` says it in a word. */
export type DeliveryOutcome = Pick<ShownDelivery, 'status' | 'reason' | 'attempt_count'>

type Delivered = DeliveryOutcome & Pick<ShownDelivery, 'endpoint_id' | 'message_id'>

/** What `REASON` needs of an endpoint. All endpoints have been read already, so they are a parameter. */
const HEALTH = ['breaker', 'probes', 'min_interval_minutes']

const OUTCOMES_OF = statement<{ endpoints: string; ids: string }, Delivered>(`
  select d.endpoint_id, d.message_id, d.status, d.attempt_count, ${REASON} as reason
  from (select ${['id', 'status', ...HEALTH].map((name) => `value ->> '${name}' as ${name}`)} from json_each(:endpoints)) e
  cross join json_each(:ids) j
  cross join deliveries d on d.endpoint_id = e.id and d.message_id = j.value`)

/** Reads messages in the order of the list. Those that do not exist are left out. */
export async function listMessagesById(env: Env, ids: string[]): Promise<MessageRow[]> {
  return all(FIND_WANTED(env, { ...typeFilter(), text: '', no_tests: 0, ids: JSON.stringify(ids) }))
}

type Endpoint = Pick<EndpointRow, 'id' | 'url' | 'status'>

/** One more than is looked up shows that there are too many. */
const LIST_ENDPOINTS = statement<Record<never, never>, Endpoint>(
  newestEndpoints(MAX_ENDPOINTS_LISTED + 1, ['url', ...HEALTH])
)

/** By message id; null if too many endpoints would be read. The built-in receiver counts only if nobody else got it. */
export async function outcomesOf(
  env: Env,
  messages: Pick<MessageRow, 'id'>[]
): Promise<Map<string, DeliveryOutcome[]> | null> {
  // An entry and the request that it comes from have one event.
  const ids = [...new Set(messages.map(({ id }) => id))]
  if (ids.length === 0) return new Map()
  const listed = await all(LIST_ENDPOINTS(env, {}))
  const isTooMany = listed.filter(({ status }) => status !== 'deleted').length > MAX_ENDPOINTS_LISTED
  if (isTooMany) return null
  const endpoints = listed.slice(0, MAX_ENDPOINTS_LISTED)
  const urls = new Map(endpoints.map(({ id, url }) => [id, url]))
  const rows = await all(OUTCOMES_OF(env, { endpoints: JSON.stringify(endpoints), ids: JSON.stringify(ids) }))
  const found = Map.groupBy(rows, ({ message_id }) => message_id)
  const urlOf = ({ endpoint_id }: Delivered) => urls.get(endpoint_id) ?? ''
  return new Map(ids.map((id) => [id, withoutReceiver(found.get(id) ?? [], urlOf)]))
}

/** @returns how many deliveries have each status */
export function countStatuses(rows: DeliveryOutcome[]): Record<ShownDelivery['status'], number> {
  const counts = { delivered: 0, failed: 0, pending: 0, canceled: 0 }
  for (const { status } of rows) counts[status] += 1
  return counts
}

/** Leaves out the built-in receiver, unless there is nothing else. */
export function withoutReceiver<T>(rows: T[], urlOf: (row: T) => string): T[] {
  const others = rows.filter((row) => receiverSource(urlOf(row)) === null)
  return others.length > 0 ? others : rows
}
