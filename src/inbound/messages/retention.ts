import { firstIdAt } from '../../core/lib/ids'
import type { Budget } from '../../queue/subrequest-budget'

/*
 * What is old goes, a page at a time: messages after the days of their source, bodies before them where it says so.
 */

const DAY_MS = 86_400_000
const PAGE = 200
/** Of one sweep; the next one goes on. */
const PAGES = 5

interface Kept {
  id: string
  retention_days: number
  body_retention_days: number | null
  bodies_removed_to: string
}

/** @returns how many messages were removed, or lost their body */
export async function removeOld(env: Env, now: number, budget: Budget): Promise<number> {
  if (!budget.take(2)) return 0
  const sources = await listKept(env, now)
  if (sources.length === 0) return 0
  let removed = 0
  for (let page = 0; page < PAGES && budget.take(2); page++) {
    const count = await removePage(env, sources, now)
    removed += count
    if (count < PAGE) break
  }
  return removed + (budget.take(4) ? await removeBodies(env, sources, now) : 0)
}

/**
 * Those whose messages grow old; while a source is paused, they wait. There are never many, and one that is deleted goes after its last message, and after a
 * day, so that no isolate takes anything for it any more.
 */
async function listKept(env: Env, now: number): Promise<Kept[]> {
  const [, kept] = await env.DB.batch<Kept>([
    env.DB.prepare(
      `delete from sources indexed by sources_deleted where status = 'deleted' and id > '' and updated_at < ?1 and not exists (
         select 1 from inbound_messages indexed by inbound_of_source where source_id = sources.id)`
    ).bind(now - DAY_MS),
    env.DB.prepare(
      `select id, retention_days, body_retention_days,
         bodies_removed_to from sources where status <> 'paused'`
    ),
  ])
  return kept?.results ?? []
}

/** Nothing goes that has not been dealt with. */
const OLD = `select m.id from json_each(?1) j cross join inbound_messages m indexed by inbound_of_source
  on m.source_id = j.value ->> 'id' and m.id < j.value ->> 'before' where m.status <> 'new' limit ${PAGE}`

/** The oldest of every source in one batch: bodies first, so that none is left without its message. */
async function removePage(env: Env, sources: Kept[], now: number): Promise<number> {
  const bounds = JSON.stringify(
    sources.map(({ id, retention_days: retentionDays }) => ({
      id,
      before: boundOf(now, retentionDays),
    }))
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

const WITH_BODY = `select m.source_id as source, m.id from json_each(?1) j cross join inbound_messages m indexed by inbound_of_source
  on m.source_id = j.value ->> 'id' and m.id > j.value ->> 'after' and m.id < j.value ->> 'before'
  where m.status <> 'new' limit ${PAGE}`

/** Goes on after the last one of each source, so that nothing is looked at twice. What is searched for in a body goes with it. */
async function removeBodies(env: Env, sources: Kept[], now: number): Promise<number> {
  const bounds = sources.flatMap(
    ({ id, body_retention_days: bodyRetentionDays, bodies_removed_to: bodiesRemovedTo }) =>
      bodyRetentionDays === null
        ? []
        : [{ id, after: bodiesRemovedTo, before: boundOf(now, bodyRetentionDays) }]
  )
  if (bounds.length === 0) return 0
  const { results } = await env.DB.prepare(WITH_BODY)
    .bind(JSON.stringify(bounds))
    .all<{ source: string; id: string }>()
  if (results.length === 0) return 0
  const ids = JSON.stringify(results.map(({ id }) => id))
  // In the order of ids, so the last of a source is the one that stays.
  const lasts = JSON.stringify(Object.fromEntries(results.map(({ source, id }) => [source, id])))
  await env.DB.batch([
    env.DB.prepare(
      'delete from inbound_chunks where message_id in (select value from json_each(?1))'
    ).bind(ids),
    env.DB.prepare(
      'update inbound_messages set body_prefix = null where id in (select value from json_each(?1))'
    ).bind(ids),
    env.DB.prepare(
      'update sources set bodies_removed_to = j.value from json_each(?1) j where sources.id = j.key'
    ).bind(lasts),
  ])
  return results.length
}
