import { lowerAscii } from '../../core/lib/ascii'
import { firstIdAt } from '../../core/lib/ids'
import { all, first, statement } from '../../db/statements'
import { toPage } from '../../http/pagination'
import { listMessages, type MessageRow, TOP } from './queries'

/*
 * Lists messages that match a filter, and what became of them. Each list reads a limited number of rows.
 */

export interface MessageFilter {
  /** Only messages with a failed delivery. */
  state?: 'failed' | undefined
  /** An event type, or a group such as `comment.*`. */
  type?: string | undefined
  /** Epoch milliseconds, inclusive. */
  since?: number | undefined
  until?: number | undefined
  /** Text to find in the id, the event type and the payload. */
  q?: string | undefined
}

export interface MessagePage {
  data: MessageRow[]
  /** The cursor of the next page. A page may be empty and still have one. */
  next: string | null
}

/** How many messages one page of a search reads. */
export const SCAN_LIMIT = 500
/** Outcomes and failed deliveries are looked up for this many endpoints at most. */
export const MAX_ENDPOINTS = 25

type Range = { before: string; start: string }

export type TypeFilter = { prefix: string; is_group: number }

/** The SQL condition that a column contains an event type that the filter wants. */
export function isOfType(column: string): string {
  return `iif(:is_group = 1, substr(${column}, 1, length(:prefix)) = :prefix, :prefix = '' or ${column} = :prefix)`
}

/** @param type an event type, or a group such as `comment.*`; every type if it is empty */
export function typeFilter(type = ''): TypeFilter {
  return type.endsWith('.*') ? { prefix: type.slice(0, -1), is_group: 1 } : { prefix: type, is_group: 0 }
}

const SCANNED = `
    select id, type, created_at, dispatched_at, erased_at, payload
    from messages
    where id < :before and id >= :start
    order by id desc
    limit ${SCAN_LIMIT}`

/** Leaves out the moderation links that were stored until 2026-11: a search would reveal whether a guess is right. */
const SEARCHED_PAYLOAD = `iif(type = 'comment.held' and payload <> '', json_remove(payload, '$.data.moderation'), payload)`

const FIND = statement<Range & TypeFilter & { text: string; limit: number }, MessageRow>(`
  select id, type, created_at, dispatched_at, erased_at
  from (${SCANNED})
  where ${isOfType('type')}
    and (:text = '' or instr(lower(concat_ws(char(10), id, type, ${SEARCHED_PAYLOAD})), :text) > 0)
  limit :limit`)

const LAST_READ = statement<Range, { scanned: number; last: string | null }>(`
  select count(*) as scanned, min(id) as last
  from (
    select id from messages
    where id < :before and id >= :start
    order by id desc
    limit ${SCAN_LIMIT})`)

/** Lists messages, newest first. @param before an id, exclusive */
export async function findMessages(
  env: Env,
  filter: MessageFilter,
  before: string | undefined,
  limit: number
): Promise<MessagePage> {
  if (filter.state === 'failed') return listFailed(env, rangeOf(filter, before), limit)
  const isFiltered = Object.values(filter).some((wanted) => wanted !== undefined)
  if (!isFiltered) return toPage(await listMessages(env, before, limit + 1), limit)
  const range = rangeOf(filter, before)
  const { type, q = '' } = filter
  const rows = await all(FIND(env, { ...range, ...typeFilter(type), text: lowerAscii(q), limit: limit + 1 }))
  if (rows.length > limit) return toPage(rows, limit)
  const read = await first(LAST_READ(env, range))
  return { data: rows, next: read?.scanned === SCAN_LIMIT ? read.last : null }
}

/** @param before an id, exclusive @returns the ids of the messages between two times */
export function rangeOf({ since, until }: Pick<MessageFilter, 'since' | 'until'>, before: string | undefined): Range {
  const end = until === undefined ? TOP : firstIdAt('msg', Math.max(until + 1, 0))
  const start = since === undefined ? '' : firstIdAt('msg', Math.max(since, 0))
  return { before: before !== undefined && before < end ? before : end, start }
}

/** The newest failed deliveries of each of the newest endpoints. */
const LIST_FAILED = statement<Range & { limit: number }, { ids: string }>(`
  select (
    select json_group_array(message_id)
    from (
      select message_id
      from deliveries indexed by deliveries_failed
      where endpoint_id = e.id and status = 'failed' and message_id < :before and message_id >= :start
      order by message_id desc
      limit :limit)) as ids
  from (select id from endpoints where id > '' order by id desc limit ${MAX_ENDPOINTS}) e`)

const FIND_ALL = statement<{ ids: string }, MessageRow>(`
  select m.id, m.type, m.created_at, m.dispatched_at, m.erased_at
  from json_each(:ids) j
  cross join messages m on m.id = j.value`)

async function listFailed(env: Env, range: Range, limit: number): Promise<MessagePage> {
  const lists = await all(LIST_FAILED(env, { ...range, limit: limit + 1 }))
  const ids = [...new Set(lists.flatMap((list): string[] => JSON.parse(list.ids)))].toSorted().reverse()
  const rows = await all(FIND_ALL(env, { ids: JSON.stringify(ids.slice(0, limit + 1)) }))
  return toPage(rows, limit)
}

/** How many deliveries of a message have each status. */
export interface StatusCounts {
  delivered: number
  failed: number
  pending: number
  canceled: number
}

const STATUSES_OF = statement<{ ids: string }, { message_id: string; status: keyof StatusCounts }>(`
  select d.message_id, d.status
  from (select id from endpoints where id > '' order by id desc limit ${MAX_ENDPOINTS}) e
  cross join json_each(:ids) j
  cross join deliveries d on d.endpoint_id = e.id and d.message_id = j.value`)

const COUNT_ENDPOINTS = statement<Record<never, never>, { count: number }>(`
  select count(*) as count from (select 1 from endpoints where id > '' limit ${MAX_ENDPOINTS + 1})`)

/**
 * Counts what became of each message of a page of a list.
 * @returns by message id; null if there are too many endpoints to count
 */
export async function outcomesOf(env: Env, messages: MessageRow[]): Promise<Map<string, StatusCounts> | null> {
  const ids = messages.map(({ id }) => id)
  if (ids.length === 0) return new Map()
  const endpoints = await first(COUNT_ENDPOINTS(env, {}))
  if ((endpoints?.count ?? 0) > MAX_ENDPOINTS) return null
  const outcomes = new Map(
    ids.map((id): [string, StatusCounts] => [id, { delivered: 0, failed: 0, pending: 0, canceled: 0 }])
  )
  for (const { message_id, status } of await all(STATUSES_OF(env, { ids: JSON.stringify(ids) }))) {
    const outcome = outcomes.get(message_id)
    if (outcome) outcome[status] += 1
  }
  return outcomes
}
