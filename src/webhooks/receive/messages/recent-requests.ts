import { all, statement } from '../../../kit/db/statements'
import { firstIdAt } from '../../../kit/lib/ids'
import { DAY_MS } from '../../../kit/lib/time'
import { listSources, type SourceRow } from '../../sources/store'

/* How well a source works: what has arrived in the last week, and what of it failed. */

/** Links to what failed in this time use the range `week`. */
export const RECENT_MS = 7 * DAY_MS

/** Older failures need no attention. :since is from `recentFrom`. SQLite uses a partial index for a literal condition. */
export const IS_RECENT_FAILURE = "status = 'failed' and id >= :since"

/** @returns the id from which on a request is recent */
export const recentFrom = (now: number): string => firstIdAt('in', Math.max(0, now - RECENT_MS))

/** Only the latest are counted, because each costs two rows. */
export const MAX_RECENT = 100

/**
 * `last_at`: when the latest request arrived, however long ago. `failing`: how many failed since the last success, and
 * `failing_since`: when the first of them arrived. Samples do not count there: they show nothing about the sender.
 */
export type RecentRequests = {
  last_at: number | null
  requests: number
  failed: number
  failing: number
  failing_since: number | null
  /** How many requests of the sender were processed or failed. */
  settled: number
  /** Why the latest failed. */
  reason: string | null
}

type Listed = Pick<RecentRequests, 'last_at' | 'reason'>
type Wanted = { ids: string; since: string; limit: number }

const RECENT = statement<Wanted, Listed & { id: string; counts: string }>(`
  select j.value as id,
    (select received_at from inbound_messages indexed by inbound_of_source
      where source_id = j.value order by id desc limit 1) as last_at,
    (select reason from inbound_messages indexed by inbound_failed
      where source_id = j.value and status = 'failed' and id >= :since and sample_key is null
      order by id desc limit 1) as reason,
    (select json_object('requests', count(*),
        'failed', coalesce(sum(status = 'failed'), 0),
        'settled', coalesce(sum(is_settled), 0),
        'failing', coalesce(sum(is_last), 0),
        'failing_since', min(iif(is_last, received_at, null)))
      from (
        select status, received_at, is_real and status <> 'new' as is_settled, is_real and status = 'failed'
          and sum(is_real and status = 'processed') over (order by id desc) = 0 as is_last
        from (
          select id, status, received_at, sample_key is null as is_real
          from inbound_messages indexed by inbound_of_source
          where source_id = j.value and id >= :since
          order by id desc
          limit :limit))) as counts
  from json_each(:ids) j`)

/** @returns how a source is doing: failing if its last requests failed. One failure after a success may be an accident */
export function shownRequestStatus<S extends string>({ status }: { status: S }, { settled, failing }: RecentRequests) {
  return status === 'active' && (failing > 1 || (failing > 0 && failing === settled)) ? 'failing' : status
}

/** @param limit only so many requests of each are counted. @returns the sources, with what they received */
export async function withRecent<const List extends readonly { id: string }[]>(
  env: Env,
  sources: List,
  now: number,
  limit = MAX_RECENT
): Promise<{ -readonly [I in keyof List]: List[I] & RecentRequests }> {
  const ids = JSON.stringify(sources.map(({ id }) => id))
  const rows = await all(RECENT(env, { ids, since: recentFrom(now), limit }))
  const found = new Map(rows.map(({ id, counts, ...row }) => [id, { ...row, ...JSON.parse(counts) }]))
  // TypeScript does not see that `map` returns a list of the same length.
  return sources.map((source) => ({ ...source, ...found.get(source.id) })) as never
}

/** How many sources are looked at, the newest first, how many are shown, and how many requests of each are counted. */
const LOOKED_AT = 20
const MAX_FAILING = 3
export const MAX_RUN = 20

export type FailingSource = SourceRow & RecentRequests

/** @returns the sources that are failing */
export async function findFailing(env: Env, now: number): Promise<FailingSource[]> {
  const sources = await withRecent(env, await listSources(env, undefined, LOOKED_AT, 1), now, MAX_RUN)
  return sources.filter((source) => shownRequestStatus(source, source) === 'failing').slice(0, MAX_FAILING)
}
