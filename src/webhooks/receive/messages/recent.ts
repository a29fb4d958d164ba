import { all, statement } from '../../../kit/db/statements'
import { firstIdAt } from '../../../kit/lib/ids'
import { DAY_MS } from '../../../kit/lib/time'

/* How well a source works: what has arrived in the last week, and what of it failed. */

/** Links to what failed in this time use the range `week`. */
export const RECENT_MS = 7 * DAY_MS

/** Older failures need no attention. :since is from `recentFrom`. SQLite uses a partial index for a literal condition. */
export const IS_RECENT_FAILURE = "status = 'failed' and id >= :since"

/** @returns the id from which on a request is recent */
export const recentFrom = (now: number): string => firstIdAt('in', Math.max(0, now - RECENT_MS))

/** Only the latest are counted, because each costs a row. */
export const MAX_RECENT = 100

/** `last_at`: when the latest request arrived, however long ago. */
export type RecentRequests = { last_at: number | null; requests: number; failed: number }

const ofRecent = (count: string) => `(select ${count} from (
    select status from inbound_messages indexed by inbound_of_source
    where source_id = j.value and id >= :since
    order by id desc
    limit ${MAX_RECENT}))`

const RECENT = statement<{ ids: string; since: string }, RecentRequests & { id: string }>(`
  select j.value as id,
    (select received_at from inbound_messages indexed by inbound_of_source
      where source_id = j.value order by id desc limit 1) as last_at,
    ${ofRecent('count(*)')} as requests,
    ${ofRecent("coalesce(sum(status = 'failed'), 0)")} as failed
  from json_each(:ids) j`)

/** @returns how a source is doing: failing if no request of the last week succeeded */
export function shownStatus<S extends string>({ status }: { status: S }, { requests, failed }: RecentRequests) {
  return status === 'active' && failed > 0 && failed === requests ? 'failing' : status
}

/** @returns a function that says what each of these sources has received */
export async function recentRequests(env: Env, ids: string[], now: number) {
  const rows = await all(RECENT(env, { ids: JSON.stringify(ids), since: recentFrom(now) }))
  const found = Object.fromEntries(rows.map(({ id, ...recent }) => [id, recent]))
  return (id: string) => found[id] as RecentRequests
}
