import { columnsOf } from '../../../kit/db/sql/rows'
import { scanned } from '../../../kit/db/sql/scanned'
import { all } from '../../../kit/db/statements'
import { firstIdAt } from '../../../kit/lib/ids'
import { type Conditional, wanting } from '../../rules/events/when'
import { messages } from '../../tables/outgoing'
import { IS_NOT_ERASED } from '../deliver/removal/erase'
import { IS_UNSENT } from '../deliver/reopen-store'
import type { Count } from '../messages/queries'
import { hasType, isWanted } from '../publish/subscriptions'
import type { JobRow } from './store'

/* The messages of a replay, in pages of limited length, in the order of their ids. */

/** `missing`: the endpoint was disabled or not registered. Times are inclusive. Types: a JSON list, or null for all. */
export type ReplayScope = Pick<JobRow, 'endpoint_id' | 'only' | 'since' | 'until' | 'event_types'>

/** The range of a scope as two message ids, both exclusive. Message ids sort by time. */
export function rangeOf({ since, until }: Pick<ReplayScope, 'since' | 'until'>) {
  return { after: firstIdAt('msg', since), end: firstIdAt('msg', until + 1) }
}

/** How many messages one page scans. */
const SCAN_LIMIT = 2_000

const IS_ABSENT = `(d.status is null or ${IS_UNSENT})`
const IS_MISSING = `${IS_ABSENT} and ${isWanted('e')}`

/** A message. Its condition is null if it needs none: like event types, a condition applies only to what is missing. */
interface Candidate extends Conditional {
  characters: number
}

type Wanted = Pick<ReplayScope, 'endpoint_id' | 'event_types'>

/** A message with an audience is a test, which is never replayed. */
function candidates(scan: { from: string; within?: string; key: string }, condition: string) {
  return scanned<Wanted, Candidate>({
    ...scan,
    isOldestFirst: true,
    most: SCAN_LIMIT,
    read: scan.key,
    join: `cross join messages m on m.id = w.${scan.key}
  cross join endpoints e on e.id = :endpoint_id
  left join deliveries d on d.endpoint_id = :endpoint_id and d.message_id = m.id`,
    where: `m.audience is null
    and ${IS_NOT_ERASED}
    and (:event_types is null or ${hasType(':event_types')})
    and ${condition}`,
    show: columnsOf(messages, 'id')
      .of('m')
      .and<Omit<Candidate, 'id'>>('length(m.payload) as characters', `iif(${IS_ABSENT}, e."when", null) as "when"`),
  })
}

const MESSAGES = { from: 'messages', key: 'id' }
const FAILED = {
  from: 'deliveries indexed by deliveries_failed',
  within: `endpoint_id = :endpoint_id and status = 'failed'`,
  key: 'message_id',
}

const FIND_CANDIDATES = {
  failed: candidates(FAILED, `d.status = 'failed'`),
  missing: candidates(MESSAGES, IS_MISSING),
  all: candidates(MESSAGES, `(d.status <> 'pending' or (${IS_MISSING}))`),
}

/** Takes one round trip. @param after a message id, exclusive. @returns `cursor`, the last message that was scanned */
export async function readCandidates(env: Env, scope: ReplayScope, after: string, limit: number) {
  const { endpoint_id, only, event_types } = scope
  const range = { from: after, to: rangeOf(scope).end }
  const { data, next, last } = await FIND_CANDIDATES[only](env, { endpoint_id, event_types }, range, limit)
  const page = takeDecidable(data)
  const ids = await findWanted(env, page)
  if (page.length < data.length) return { ids, cursor: page.at(-1)?.id ?? after, hasMore: true }
  return { ids, cursor: last ?? after, hasMore: next !== null }
}

/** The maximum number of characters in the payloads that conditions read for one page. */
const DECIDED_CHARACTERS = 500_000

/** @returns the first candidates, at least one, whose conditions can be decided within the limit */
function takeDecidable(candidates: Candidate[]): Candidate[] {
  let characters = 0
  const end = candidates.findIndex((one, i) => {
    characters += one.when === null ? 0 : one.characters
    return i > 0 && characters > DECIDED_CHARACTERS
  })
  return end < 0 ? candidates : candidates.slice(0, end)
}

const READ_PAYLOADS = columnsOf(messages, 'id payload')
  .of('m')
  .from<{ ids: string }>(`
  json_each(:ids) j
  cross join messages m on m.id = j.value
  where ${IS_NOT_ERASED}`)

/** Decides as dispatch does. @returns the ids of the candidates for which the endpoint's condition is true */
async function findWanted(env: Env, candidates: Candidate[]): Promise<string[]> {
  const conditional = candidates.filter(({ when }) => when !== null).map(({ id }) => id)
  if (conditional.length === 0) return candidates.map(({ id }) => id)
  const read = await all(READ_PAYLOADS(env, { ids: JSON.stringify(conditional) }))
  const payloads = new Map(read.map(({ id, payload }) => [id, payload]))
  // All candidates are for the same endpoint.
  const isWanted = wanting(candidates[0]?.when ?? null)
  return candidates.filter(({ id }) => isWanted(payloads.get(id) ?? 'null')).map(({ id }) => id)
}

export interface CandidateCount extends Count {
  first_ids: string[]
}

/** The maximum number of pages that a count reads. */
const COUNT_PAGES = 5
const FIRST_IDS = 10

export async function countCandidates(env: Env, scope: ReplayScope): Promise<CandidateCount> {
  let { after } = rangeOf(scope)
  const first_ids: string[] = []
  let count = 0
  for (let page = 0; page < COUNT_PAGES; page++) {
    const { ids, cursor, hasMore } = await readCandidates(env, scope, after, SCAN_LIMIT)
    count += ids.length
    first_ids.push(...ids.slice(0, FIRST_IDS - first_ids.length))
    if (!hasMore) return { count, counted_all: true, first_ids }
    after = cursor
  }
  return { count, counted_all: false, first_ids }
}
