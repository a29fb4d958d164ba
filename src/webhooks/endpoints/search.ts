import type { Sight } from '../../access/rights'
import { columnsOf } from '../../kit/db/rows'
import { lowerAscii, type ScannedPage, scanned } from '../../kit/db/scanned'
import { isOtherUrl } from '../rules/delivering/built-in-receiver'
import { endpoints, NEEDS_ATTENTION } from '../tables/outgoing'
import type { EndpointRow } from './store'

/* Finds endpoints for the owner. */

export const STATES = ['attention', 'enabled', 'disabled'] as const

interface EndpointFilter {
  /** `attention`: endpoints that are failing, were disabled because they failed, or wait for approval. */
  state?: (typeof STATES)[number] | undefined
  /** Text to find in the id, the URL and the description. */
  q?: string | undefined
  /** Whether the built-in receiver is left out, unless it needs attention. */
  others?: boolean
}

/** The host of a URL, for callers who may not see the rest: a search would reveal whether a guess is right. */
const AFTER_SCHEME = `substr(w.url, instr(w.url, '://') + 3)`
const HOST = `substr(${AFTER_SCHEME}, 1, instr(${AFTER_SCHEME} || '/', '/') - 1)`

type Wanted = { status: string; text: string; secrets: number; others: number }

const ENDPOINT = columnsOf(endpoints)

const SEARCH = {
  read: ENDPOINT.of(),
  where: `(:status = '' or w.status = :status)
    and (:others = 0 or ${isOtherUrl('w.url')})
    and (:text = '' or instr(lower(concat_ws(char(10), w.id, iif(:secrets = 1, w.url, ${HOST}), w.description)), :text) > 0)`,
  show: ENDPOINT.of('w'),
}

const PRESENT = { ...SEARCH, from: 'endpoints indexed by endpoints_present', within: `status <> 'deleted'` }
const NEEDING = { ...SEARCH, from: 'endpoints indexed by endpoints_needing', within: `(${NEEDS_ATTENTION})` }
const OTHERS = { ...PRESENT, where: `${SEARCH.where} and (${NEEDS_ATTENTION}) is not true` }
const searchAll = scanned<Wanted, EndpointRow>(PRESENT)
const searchNeeding = scanned<Wanted, EndpointRow>(NEEDING)
const searchOthers = scanned<Wanted, EndpointRow>(OTHERS)
const EVERY: Wanted = { text: '', secrets: 1, status: '', others: 1 }

interface WorstFirst extends ScannedPage<EndpointRow> {
  /** Whether more endpoints need attention than the first page shows. */
  hasMoreNeedy: boolean
}

/** Lists all endpoints: on the first page, those that need attention come first. @param before an id, exclusive */
export async function listWorstFirst(env: Env, before: string | undefined, limit: number): Promise<WorstFirst> {
  const others = searchOthers(env, EVERY, { from: before }, limit)
  if (before !== undefined) return { ...(await others), hasMoreNeedy: false }
  const [needy, { data, next }] = await Promise.all([searchNeeding(env, { ...EVERY, others: 0 }, {}, limit), others])
  return { data: [...needy.data, ...data], next, hasMoreNeedy: needy.next !== null }
}

/** Lists endpoints, newest first. @param before an id, exclusive */
export async function searchEndpoints(
  env: Env,
  { state, q = '', others = false }: EndpointFilter,
  { secrets }: Sight,
  before: string | undefined,
  limit: number
): Promise<ScannedPage<EndpointRow>> {
  const wanted = { text: lowerAscii(q), secrets: Number(secrets), others: 0 }
  const range = { from: before }
  if (state === 'attention') return searchNeeding(env, { ...wanted, status: '' }, range, limit)
  return searchAll(env, { ...wanted, status: state ?? '', others: Number(others) }, range, limit)
}
