import * as z from 'zod'
import { byPlan } from '../../../env'
import { type Bound, batch, first, run, type Statement, statement, type Values } from '../../../kit/db/statements'
import { readSweepState, saveSweepState } from '../../../kit/db/sweep-state'
import { firstIdAt } from '../../../kit/lib/ids'
import { DAY_MS } from '../../../kit/lib/time'
import { RETENTION, type Retention, tooOldBefore } from '../../../kit/sweep/retention-setting'
import type { Budget, Chore } from '../../../kit/sweep/subrequest-budget'
import { FIND_WITH_RESPONSES, MARK_RESPONSES_REMOVED, removeEmptied } from '../../endpoints/removal'
import { deliveryCanBe } from '../../rules/delivering/delivery-state'
import type { deliveries, messages } from '../../tables/outgoing'

/* Removes old deliveries, attempts and messages, in pages. Some are kept for longer, so the walk restarts each day. */

/** Each removed row is a row written. The Free plan allows 100,000 a day, most of which visitors need. */
const PACE = { free: { page: 8, pages: 1 }, paid: { page: 500, pages: 10 } }

const STATE = 'remove_old'
/** `after`: the last message of the previous page. `restart_at`: when the walk starts again, in epoch milliseconds. */
const state = z.object({ after: z.string().default(''), restart_at: z.number().default(0) })
type State = z.infer<typeof state>

const WALK_EVERY_MS = DAY_MS

type Message = typeof messages.$inferSelect
type DeliveryRow = typeof deliveries.$inferSelect
type Expired = Pick<DeliveryRow, 'endpoint_id' | 'message_id' | 'settled_at'>
type Page = { after: string; before: string; page: number }
type Limits = { settled_before: number; failed_before: number }

const OLD_MESSAGES = `
    select id, created_at, dispatched_at
    from messages
    where id > :after and id < :before
    order by id
    limit :page`

const LIST_OLD = statement<Page, Pick<Message, 'id'>>(`select id from (${OLD_MESSAGES})`)

/** A dispatch creates a delivery that is missing, so those of a message that is still to be dispatched are kept. */
const LIST_EXPIRED = statement<Page & Limits, Expired>(`
  select d.endpoint_id, d.message_id, d.settled_at
  from (${OLD_MESSAGES}) m
  cross join endpoints e on e.id > ''
  cross join deliveries d on d.endpoint_id = e.id and d.message_id = m.id
  where m.dispatched_at is not null and coalesce(d.settled_at, m.created_at) < case d.status
    when 'delivered' then :settled_before
    when 'canceled' then :settled_before
    when 'failed' then :failed_before
    else 0
  end
  limit :page`)

/** The expired deliveries, except those that a retry or a replay has reopened since they were read. */
const STILL_EXPIRED = `
    select d.endpoint_id, d.message_id
    from json_each(:expired) j
    cross join deliveries d
      on d.endpoint_id = j.value ->> 'endpoint_id'
      and d.message_id = j.value ->> 'message_id'
    where ${deliveryCanBe('removed', 'd')} and d.settled_at is j.value ->> 'settled_at'`

const REMOVE_ATTEMPTS = statement<{ expired: string }>(`
  delete from attempts
  where (endpoint_id, message_id) in (${STILL_EXPIRED})`)

const REMOVE_DELIVERIES = statement<{ expired: string }>(`
  delete from deliveries
  where (endpoint_id, message_id) in (${STILL_EXPIRED})`)

const REMOVE_MESSAGES = statement<{ ids: string; settled_before: number }>(`
  delete from messages
  where id in (select value from json_each(:ids))
    and created_at < :settled_before
    and dispatched_at is not null
    and not exists (
      select 1
      from endpoints e
      cross join deliveries d on d.endpoint_id = e.id and d.message_id = messages.id
      where e.id > '')`)

/** The calls for the state and the settings, and for one page. */
const FIRST_CALLS = 3
const PAGE_CALLS = 5

/** @returns how many deliveries and messages were removed */
export async function removeOldDeliveries(env: Env, now: number, budget: Budget): Promise<number> {
  if (!budget.take(FIRST_CALLS)) return 0
  const [before, kept] = await Promise.all([readSweepState(env, STATE, state), RETENTION.read(env)])
  const pace = byPlan(env, PACE)
  let { after } = before
  let removed = 0
  let isEnd = false
  for (let page = 0; page < pace.pages && !isEnd && budget.take(PAGE_CALLS); page++) {
    const done = await removePage(env, kept, { after, page: pace.page }, now)
    after = done.after
    isEnd = done.isEnd
    removed += done.removed
  }
  await saveWalk(env, before, after, isEnd, now)
  return removed
}

async function saveWalk(env: Env, before: State, last: string, isEnd: boolean, now: number): Promise<void> {
  const restarts = isEnd && last !== '' && now >= before.restart_at
  const after = restarts ? '' : last
  const restart_at = restarts ? now + WALK_EVERY_MS : before.restart_at
  if (after === before.after && restart_at === before.restart_at) return
  await run(saveSweepState(env, STATE, { after, restart_at }))
}

/** @returns where the next page starts, and whether there are no more old messages */
async function removePage(env: Env, kept: Retention, { after, page }: Omit<Page, 'before'>, now: number) {
  const settled_before = tooOldBefore(kept.settled_days, now)
  const failed_before = tooOldBefore(kept.failed_days, now)
  const scanned = { after, before: firstIdAt('msg', Math.max(settled_before, failed_before)), page }
  const [old, expired] = await batch(env, [
    LIST_OLD(env, scanned),
    LIST_EXPIRED(env, { ...scanned, settled_before, failed_before }),
  ])
  const ids = old.results.map(({ id }) => id)
  const removed = ids.length === 0 ? 0 : await remove(env, ids, expired.results, settled_before)
  // If there may be more to remove from this page, the next page starts at the same message.
  if (expired.results.length === page) return { after, removed, isEnd: false }
  return { after: ids.at(-1) ?? after, removed, isEnd: ids.length < page }
}

async function remove(env: Env, ids: string[], expired: Expired[], settled_before: number): Promise<number> {
  const refs = { expired: JSON.stringify(expired) }
  const [, removed, messages] = await batch(env, [
    REMOVE_ATTEMPTS(env, refs),
    REMOVE_DELIVERIES(env, refs),
    REMOVE_MESSAGES(env, { ids: JSON.stringify(ids), settled_before }),
  ])
  return removed.meta.changes + messages.meta.changes
}

/* Removes what is left of deleted endpoints: first the responses, which may repeat the URL, and finally the rows. */

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

const ERASE_LATEST = erasing<Pick<DeliveryRow, 'endpoint_id'>>(`
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
