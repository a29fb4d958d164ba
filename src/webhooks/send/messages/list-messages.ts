import { lowerAscii, newestBetween, type Page, scanned } from '../../../kit/db/sql/scanned'
import { all, first, statement } from '../../../kit/db/statements'
import { toPage } from '../../../kit/http/pagination'
import { MESSAGE, type MessageRow } from './queries'

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

/** Outcomes and failed deliveries are looked up for this many endpoints at most. */
export const MAX_ENDPOINTS = 25

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
const SEARCHED_PAYLOAD = `iif(type = 'comment.held' and payload <> '', json_remove(payload, '$.data.moderation'), payload)`

const search = scanned<TypeFilter & { text: string }, MessageRow>({
  from: 'messages',
  read: MESSAGE.of().and('payload'),
  where: `${isOfType('w.type')}
    and (:text = '' or instr(lower(concat_ws(char(10), w.id, w.type, ${SEARCHED_PAYLOAD})), :text) > 0)`,
  show: MESSAGE.of('w'),
})

/** Lists messages, newest first. @param before an id, exclusive */
export async function findMessages(
  env: Env,
  { state, type = '', q = '', ...times }: MessageFilter,
  before: string | undefined,
  limit: number
): Promise<Page<MessageRow>> {
  const range = newestBetween('msg', times, before)
  if (state === 'failed') return listFailed(env, range, limit)
  return search(env, { ...typeFilter(type), text: lowerAscii(q) }, range, limit)
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
  from (select id from endpoints where id > '' order by id desc limit ${MAX_ENDPOINTS}) e`)

const FIND_ALL = MESSAGE.of('m').from<{ ids: string }>(`json_each(:ids) j cross join messages m on m.id = j.value`)

async function listFailed(env: Env, range: { from: string; to: string }, limit: number): Promise<Page<MessageRow>> {
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
