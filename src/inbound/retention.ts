import { firstIdAt } from '../core/ids'
import type { Budget } from '../deliveries/budget'

/*
 * What is old goes, a page at a time: messages after the days of their source, bodies before them where it says so.
 */

const DAY_MS = 86_400_000
const PAGE = 200
/** Of one sweep; the next one goes on. */
const PAGES = 5

interface Kept {
  id: string
  status: string
  retentionDays: number
  bodyRetentionDays: number | null
  bodiesRemovedTo: string
}

/** @returns how many messages were removed, or lost their body */
export async function removeOld(env: Env, now: number, budget: Budget): Promise<number> {
  if (!budget.take(1)) return 0
  const sources = await listKept(env)
  if (sources.length === 0) return 0
  let removed = 0
  for (let page = 0; page < PAGES && budget.take(1); page++) {
    const count = await removePage(env, sources, now)
    removed += count
    if (count < PAGE) break
  }
  for (const source of sources.filter((each) => each.bodyRetentionDays !== null)) {
    if (!budget.take(1)) break
    removed += await removeBodies(env, source, now)
  }
  return removed
}

/** There are never many, and those that are deleted go with their last message. */
async function listKept(env: Env): Promise<Kept[]> {
  const [, kept] = await env.DB.batch<Kept>([
    env.DB.prepare(
      `delete from sources where status = 'deleted' and not exists (
         select 1 from inbound_messages indexed by inbound_of_source where source_id = sources.id)`
    ),
    env.DB.prepare(
      `select id, status, retention_days as retentionDays, body_retention_days as bodyRetentionDays,
         bodies_removed_to as bodiesRemovedTo from sources`
    ),
  ])
  return kept?.results ?? []
}

const OLD = `select m.id from json_each(?1) j cross join inbound_messages m indexed by inbound_of_source
  on m.source_id = j.value ->> 'id' and m.id < j.value ->> 'before' limit ${PAGE}`

/** The oldest of every source in one batch: bodies first, so that none is left without its message. */
async function removePage(env: Env, sources: Kept[], now: number): Promise<number> {
  const bounds = JSON.stringify(
    sources.map(({ id, retentionDays }) => ({ id, before: boundOf(now, retentionDays) }))
  )
  const [, messages] = await env.DB.batch([
    env.DB.prepare(`delete from inbound_chunks where message_id in (${OLD})`).bind(bounds),
    env.DB.prepare(`delete from inbound_messages where id in (${OLD})`).bind(bounds),
  ])
  return messages?.meta.changes ?? 0
}

function boundOf(now: number, days: number): string {
  return firstIdAt('in', Math.max(now - days * DAY_MS, 0))
}

const WITH_BODY = `select id from inbound_messages indexed by inbound_of_source
  where source_id = ?1 and id > ?2 and id < ?3 order by id limit ${PAGE}`

/** Goes on after the last one, so that nothing is looked at twice. What is searched for in a body goes with it. */
async function removeBodies(env: Env, source: Kept, now: number): Promise<number> {
  const before = boundOf(now, source.bodyRetentionDays ?? 0)
  const range = [source.id, source.bodiesRemovedTo, before] as const
  const results = await env.DB.batch([
    env.DB.prepare(`delete from inbound_chunks where message_id in (${WITH_BODY})`).bind(...range),
    env.DB.prepare(
      `update inbound_messages set body_prefix = null where id in (${WITH_BODY})`
    ).bind(...range),
    env.DB.prepare(
      `update sources set bodies_removed_to = coalesce((select max(id) from (${WITH_BODY})), bodies_removed_to) where id = ?1`
    ).bind(...range),
  ])
  return results[1]?.meta.changes ?? 0
}
