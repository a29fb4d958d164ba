import { firstIdAt } from '../../core/lib/ids'
import { asks, wantsBook } from '../publish/subscriptions'

/*
 * Which messages a replay is about. Read a page at a time by key order: a page looks at a bounded number, and hands back where it stopped.
 */

export interface ReplayScope {
  endpoint_id: string
  /** What was given up on; what the endpoint never got, as it was disabled or not yet there; or every message that it asks for, once more. */
  only: 'failed' | 'missing' | 'all'
  /** Epoch milliseconds, both included. */
  since: number
  until: number
  /** Event types or families; null for all that the endpoint asks for. */
  event_types: string[] | null
}

export interface CandidatePage {
  ids: string[]
  /** The last message looked at. */
  cursor: string
  hasMore: boolean
}

/** The range of a scope as message ids: their order is the order of time. */
export function rangeOf({ since, until }: Pick<ReplayScope, 'since' | 'until'>) {
  return { after: firstIdAt('msg', since), end: firstIdAt('msg', until + 1) }
}

/** Messages looked at by one page. */
const SCAN_LIMIT = 2_000

const FAILED_SOURCE = `select message_id as id from deliveries indexed by deliveries_failed
  where endpoint_id = ?1 and status = 'failed' and message_id > ?2 and message_id < ?3 order by message_id limit ${SCAN_LIMIT}`
const MESSAGE_SOURCE = `select id from messages where id > ?2 and id < ?3 order by id limit ${SCAN_LIMIT}`

const MISSING = `d.status is null and m.about is not e.id and ${asks('e.event_types')} and ${wantsBook('e')}`

/** Tests are for nobody else, and not to be sent again: they have an audience. */
const WANTED: Record<ReplayScope['only'], string> = {
  failed: `d.status = 'failed'`,
  missing: MISSING,
  all: `(d.status <> 'pending' or (${MISSING}))`,
}

function sourceOf(only: ReplayScope['only']): string {
  return only === 'failed' ? FAILED_SOURCE : MESSAGE_SOURCE
}

/** In the order of the source, which the cross joins keep: sorting again would read all of the page before the first. */
function candidates(only: ReplayScope['only']): string {
  return `from (${sourceOf(only)}) s cross join messages m on m.id = s.id cross join endpoints e on e.id = ?1
    left join deliveries d on d.endpoint_id = ?1 and d.message_id = m.id
    where m.audience is null and (?4 is null or ${asks('?4')}) and ${WANTED[only]}`
}

/** @param after exclusive */
export async function readCandidates(
  env: Env,
  scope: ReplayScope,
  after: string,
  limit: number
): Promise<CandidatePage> {
  const { end } = rangeOf(scope)
  const types = scope.event_types && JSON.stringify(scope.event_types)
  const [found, scanned] = await env.DB.batch<Record<string, unknown>>([
    env.DB.prepare(`select s.id ${candidates(scope.only)} limit ?5`).bind(
      scope.endpoint_id,
      after,
      end,
      types,
      limit + 1
    ),
    // Every parameter is named, since D1 wants as many as it is given.
    env.DB.prepare(
      `select count(*) as looked_at, max(id) as last from (${sourceOf(scope.only)}) where ?1 = ?1`
    ).bind(scope.endpoint_id, after, end),
  ])
  const ids = (found?.results ?? []).map(({ id }) => String(id))
  if (ids.length > limit) {
    const taken = ids.slice(0, limit)
    return { ids: taken, cursor: taken.at(-1) ?? after, hasMore: true }
  }
  const { looked_at: lookedAt, last } = scanned?.results[0] ?? {}
  return { ids, cursor: String(last ?? after), hasMore: lookedAt === SCAN_LIMIT }
}

/** Messages that are counted before: with more than that, "at least". */
const COUNT_PAGES = 5

/** @returns how many there are, whether that is all, and the first of them */
export async function countCandidates(env: Env, scope: ReplayScope) {
  let { after } = rangeOf(scope)
  const first: string[] = []
  let count = 0
  for (let page = 0; page < COUNT_PAGES; page++) {
    const { ids, cursor, hasMore } = await readCandidates(env, scope, after, SCAN_LIMIT)
    count += ids.length
    first.push(...ids.slice(0, FIRST_IDS - first.length))
    if (!hasMore) return { count, counted_all: true, first }
    after = cursor
  }
  return { count, counted_all: false, first }
}

const FIRST_IDS = 10
