import { type Bound, batch, first, run, type Statement, statement, type Values } from '../../../../kit/db/statements'
import type { Chore } from '../../../../kit/sweep/subrequest-budget'
import { FIND_WITH_RESPONSES, MARK_RESPONSES_REMOVED, removeEmptied } from '../../../endpoints/removal'
import type { deliveries } from '../../../tables/outgoing'

/* Removes what is left of deleted endpoints: first the responses, which may repeat the URL, and finally the rows. */

type Delivery = typeof deliveries.$inferSelect

/** How many deliveries of an endpoint one page contains. */
const PAGE = 200
/** How many pages of deliveries one sweep looks at. */
const PAGES = 5

/** @param page SQL that selects ids of messages */
function erasing<P extends Values>(page: string): Statement<P, never> {
  return statement(`
  update attempts
  set response_excerpt = null, response_headers = null
  where (response_excerpt is not null or response_headers is not null)
    and endpoint_id = :endpoint_id
    and message_id in (${page})`)
}

const ERASE_LATEST = erasing<Pick<Delivery, 'endpoint_id'>>(`
    select message_id
    from deliveries
    where endpoint_id = :endpoint_id
    order by message_id desc
    limit ${PAGE}`)

/** Erases the latest responses of an endpoint that is deleted in the same batch. The sweep erases the others. */
export const eraseLatestResponses = (env: Env, endpoint_id: string): Bound<never> => ERASE_LATEST(env, { endpoint_id })

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

const ERASE_PAGE = erasing<Range>(NEXT_DELIVERIES)

/** @returns how many deleted endpoints were removed */
export const sweepDeletedEndpoints: Chore = async (env, now, budget) => {
  for (let page = 0; page < PAGES && budget.take(4); page++) {
    const endpoint = await first(FIND_WITH_RESPONSES(env, {}))
    if (!endpoint) break
    await eraseNextResponses(env, endpoint.id, endpoint.excerpts_removed_to)
  }
  return removeEmptied(env, now, budget)
}

async function eraseNextResponses(env: Env, endpoint_id: string, after: string): Promise<void> {
  const range = { endpoint_id, after }
  const [end] = await batch(env, [FIND_PAGE_END(env, range), ERASE_PAGE(env, range)])
  const { scanned = 0, last = null } = end.results[0] ?? {}
  await run(MARK_RESPONSES_REMOVED(env, { id: endpoint_id, to: scanned < PAGE ? null : last }))
}
