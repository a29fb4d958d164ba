import { statement } from '../../kit/db/statements'
import { DAY_MS } from '../../kit/lib/time'
import { walking } from '../../kit/sweep/retention'
import { endpoints } from '../tables/outgoing'

/* Writes to the rows of deleted endpoints, which are kept until their responses and deliveries are removed. */

type EndpointRow = typeof endpoints.$inferSelect

/** The value of `excerpts_removed_to` when all responses have been removed. It sorts after every id. */
const ALL = '~'

/** Finds a deleted endpoint whose responses have not all been removed. One that has been started comes first. */
export const FIND_WITH_RESPONSES = statement<Record<string, never>, Pick<EndpointRow, 'id' | 'excerpts_removed_to'>>(`
  select id, excerpts_removed_to
  from endpoints indexed by endpoints_deleted
  where status = 'deleted' and excerpts_removed_to < '${ALL}'
  order by excerpts_removed_to desc
  limit 1`)

/** @param to the last message whose responses have been removed; null if there are no more */
export const MARK_RESPONSES_REMOVED = statement<Pick<EndpointRow, 'id'> & { to: string | null }>(`
  update endpoints
  set excerpts_removed_to = coalesce(:to, '${ALL}')
  where id = :id and status = 'deleted'`)

/** Nothing is removed within a day of the deletion, because an attempt may still be under way. */
export const removeEmptied = walking(endpoints, {
  among: `status = 'deleted' and excerpts_removed_to = '${ALL}'`,
  index: 'endpoints_deleted',
  at: 'updated_at',
  kept: DAY_MS,
  condition: 'not exists (select 1 from deliveries where endpoint_id = endpoints.id)',
})
