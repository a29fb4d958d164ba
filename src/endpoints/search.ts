import type { Sight } from '../access/rights'
import { lowerAscii } from '../core/lib/ascii'
import { NEEDS_ATTENTION } from '../db/schema'
import { all, first, statement } from '../db/statements'
import { toPage } from '../http/pagination'
import { type EndpointRow, findEndpoints, listEndpoints } from './store'

/* Finds endpoints for the owner. Each page reads a limited number of endpoints, and has a cursor for the rest. */

export const STATES = ['attention', 'enabled', 'disabled'] as const

export interface EndpointFilter {
  /** `attention`: it fails, was disabled because it failed, or waits for approval. */
  state?: (typeof STATES)[number] | undefined
  /** Text to find in the id, the URL and the description. */
  q?: string | undefined
}

export interface EndpointPage {
  data: EndpointRow[]
  /** The cursor of the next page. A page may be empty and still have one. */
  next: string | null
}

/** The host of a URL, for callers who may not see the rest: a search would reveal whether a guess is right. */
const AFTER_SCHEME = `substr(url, instr(url, '://') + 3)`
const HOST = `substr(${AFTER_SCHEME}, 1, instr(${AFTER_SCHEME} || '/', '/') - 1)`

/** How many endpoints one page of a search reads. */
export const SCAN_LIMIT = 500

function scan(from: string) {
  const latest = `
    select id, status, url, description
    from ${from}
    order by id desc
    limit ${SCAN_LIMIT}`
  return {
    find: statement<{ before: string; status: string; text: string; secrets: number; limit: number }, { id: string }>(`
  select id
  from (${latest})
  where (:status = '' or status = :status)
    and (:text = '' or instr(lower(concat_ws(char(10), id, iif(:secrets = 1, url, ${HOST}), description)), :text) > 0)
  limit :limit`),
    lastRead: statement<{ before: string }, { scanned: number; last: string | null }>(`
  select count(*) as scanned, min(id) as last
  from (${latest})`),
  }
}

const ALL = scan(`endpoints indexed by endpoints_present where status <> 'deleted' and id < :before`)
const NEEDING = scan(`endpoints indexed by endpoints_needing where (${NEEDS_ATTENTION}) and id < :before`)

/** Lists endpoints, newest first. @param before an id, exclusive */
export async function searchEndpoints(
  env: Env,
  { state, q = '' }: EndpointFilter,
  { secrets }: Sight,
  before: string | undefined,
  limit: number
): Promise<EndpointPage> {
  if (state === undefined && q === '') return toPage(await listEndpoints(env, before, limit + 1), limit)
  const { find, lastRead } = state === 'attention' ? NEEDING : ALL
  const range = { before: before ?? '~' }
  const text = lowerAscii(q)
  const status = state === 'attention' ? '' : (state ?? '')
  const found = await all(find(env, { ...range, status, text, secrets: Number(secrets), limit: limit + 1 }))
  const rows = await findEndpoints(
    env,
    found.map(({ id }) => id)
  )
  if (rows.length > limit) return toPage(rows, limit)
  const read = await first(lastRead(env, range))
  return { data: rows, next: read?.scanned === SCAN_LIMIT ? read.last : null }
}
