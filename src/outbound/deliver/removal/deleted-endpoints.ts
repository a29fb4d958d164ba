import * as z from 'zod'
import { DAY_MS } from '../../../core/lib/time'
import type { deliveries } from '../../../db/schema'
import { type Bound, batch, first, run, statement } from '../../../db/statements'
import { readSweepState, saveSweepState } from '../../../db/sweep-state'
import { FIND_WITH_RESPONSES, LIST_DELETED, MARK_RESPONSES_REMOVED, REMOVE_EMPTIED } from '../../../endpoints/removal'
import type { Budget } from '../../../queue/subrequest-budget'

/*
 * Removes what is left of deleted endpoints: first the receivers' responses, which may repeat the URL, and finally the
 * rows of endpoints without deliveries.
 */

type Delivery = typeof deliveries.$inferSelect

/** How many deliveries of an endpoint one page contains. */
const PAGE = 200
/** How many deleted endpoints one page contains. */
const ENDPOINTS_PAGE = 50
/** How many pages of deliveries one sweep looks at. */
const PAGES = 5

const STATE = 'deleted_endpoints'
const state = z.object({ after: z.string().default('') })

function latest(limit: number): string {
  return `
    select message_id
    from deliveries
    where endpoint_id = :endpoint_id
    order by message_id desc
    limit ${limit}`
}

const ERASE_LATEST = statement<Pick<Delivery, 'endpoint_id'>>(`
  update attempts
  set response_excerpt = null, response_headers = null
  where (response_excerpt is not null or response_headers is not null)
    and endpoint_id = :endpoint_id
    and message_id in (${latest(PAGE)})`)

/** Erases the latest responses of an endpoint that is deleted in the same batch. The sweep erases the others. */
export function eraseLatestResponses(env: Env, endpoint_id: string): Bound<never> {
  return ERASE_LATEST(env, { endpoint_id })
}

type Range = { endpoint_id: string; after: string }

const NEXT_DELIVERIES = `
    select message_id
    from deliveries
    where endpoint_id = :endpoint_id and message_id > :after
    order by message_id
    limit ${PAGE}`

const FIND_PAGE_END = statement<Range, { scanned: number; last: string | null }>(`
  select count(*) as scanned, max(message_id) as last
  from (${NEXT_DELIVERIES})`)

const ERASE_PAGE = statement<Range>(`
  update attempts
  set response_excerpt = null, response_headers = null
  where (response_excerpt is not null or response_headers is not null)
    and endpoint_id = :endpoint_id
    and message_id in (${NEXT_DELIVERIES})`)

/** @returns how many deleted endpoints were removed */
export async function sweepDeletedEndpoints(env: Env, now: number, budget: Budget): Promise<number> {
  for (let page = 0; page < PAGES && budget.take(4); page++) {
    const endpoint = await first(FIND_WITH_RESPONSES(env, {}))
    if (!endpoint) break
    await eraseNextResponses(env, endpoint.id, endpoint.excerpts_removed_to)
  }
  return budget.take(4) ? removeEmptied(env, now) : 0
}

async function eraseNextResponses(env: Env, endpoint_id: string, after: string): Promise<void> {
  const range = { endpoint_id, after }
  const [end] = await batch(env, [FIND_PAGE_END(env, range), ERASE_PAGE(env, range)])
  const { scanned = 0, last = null } = end.results[0] ?? {}
  await run(MARK_RESPONSES_REMOVED(env, { id: endpoint_id, to: scanned < PAGE ? null : last }))
}

/** An endpoint is not removed within a day of its deletion, because an attempt may still be under way. */
async function removeEmptied(env: Env, now: number): Promise<number> {
  const { after } = await readSweepState(env, STATE, state)
  const page = { after, limit: ENDPOINTS_PAGE }
  const [listed, removed] = await batch(env, [
    LIST_DELETED(env, page),
    REMOVE_EMPTIED(env, { ...page, deleted_before: now - DAY_MS }),
  ])
  const isLast = listed.results.length < ENDPOINTS_PAGE
  const next = isLast ? '' : (listed.results.at(-1)?.id ?? '')
  if (next !== after) await run(saveSweepState(env, STATE, { after: next }))
  return removed.meta.changes
}
