import { env } from 'cloudflare:workers'
import { DAY, MINUTE } from '../clock'
import { observe } from '../observe'
import { avoidCounting, pass } from '../settle'
import type { Simulation } from '../simulation'

/*
 * No table grows without bound: when everything is older than the settings say, only what is still waiting is left.
 */

const MAX_SWEEPS = 30
/** Until the walk through the old messages has started again. */
const QUIET_SWEEPS = 2

/** What may be left, for each table that grows. */
const LEFT_OVER = {
  deliveries: `status <> 'pending'`,
  messages: `not exists (select 1 from deliveries d where d.message_id = messages.id)`,
  attempts: `not exists (
    select 1 from deliveries d where d.endpoint_id = attempts.endpoint_id and d.message_id = attempts.message_id)`,
  endpoints: `status = 'deleted'`,
  jobs: `state <> 'running'`,
  idempotency_keys: 'true',
  visitor_keys: 'true',
  sources: `status = 'deleted'`,
  // The messages of a paused source are kept until it is resumed.
  inbound_messages: `status <> 'new' and source_id in (select id from sources where status <> 'paused')`,
  inbound_chunks: `not exists (select 1 from inbound_messages m where m.id = inbound_chunks.message_id)`,
}

export async function judgeGrowth(simulation: Simulation): Promise<string[]> {
  if (!simulation.setup.isHealed) await removeEverything(simulation)
  // On the Paid plan, a sweep removes more at a time, and has time for all of its chores.
  simulation.isFreePlan = false
  simulation.deploy()
  const days = await longestRetention()
  avoidCounting(simulation)
  // The removal of a deleted book causes events, which are kept from then on.
  for (let sweeps = 0; sweeps < MAX_SWEEPS && (await hasDeletedBooks()); sweeps++)
    await pass(simulation, DAY + 5 * MINUTE)
  await pass(simulation, (days + 1) * DAY)
  // This removes old spam, which cancels deliveries. They are kept from then on.
  await pass(simulation, (days + 1) * DAY)
  let before = ''
  for (let sweeps = 0, quiet = 0; quiet < QUIET_SWEEPS; sweeps++) {
    if (sweeps === MAX_SWEEPS) return [`The sweep still removes something after ${MAX_SWEEPS} sweeps.`]
    await pass(simulation, DAY + 5 * MINUTE)
    const counts = JSON.stringify(await countLeftOver())
    quiet = counts === before ? quiet + 1 : 0
    before = counts
  }
  return Object.entries(await countLeftOver()).flatMap(([table, left]) =>
    left > 0 ? [`${left} rows of ${table} remain`] : []
  )
}

async function hasDeletedBooks(): Promise<boolean> {
  return (await env.DB.prepare('select 1 from books where deleted_at is not null').first()) !== null
}

/** Receivers that never recover would be asked again and again. */
async function removeEverything(simulation: Simulation): Promise<void> {
  for (const { id } of simulation.presentEndpoints()) await simulation.askOwner('DELETE', `/api/endpoints/${id}`)
  for (const { id, isDeleted } of simulation.sources) {
    if (!isDeleted) await simulation.askOwner('DELETE', `/api/sources/${id}`)
  }
  simulation.step += 1
  await observe(simulation, { isTogether: true })
}

async function longestRetention(): Promise<number> {
  const stored = await env.DB.prepare(`select value from settings where name = 'retention'`).first<string>('value')
  const { settled_days, failed_days, jobs_days } = stored
    ? JSON.parse(stored)
    : { settled_days: 30, failed_days: 90, jobs_days: 30 }
  const sources = await env.DB.prepare('select max(retention_days) as days from sources').first<number>('days')
  return Math.max(settled_days, failed_days, jobs_days, sources ?? 0)
}

async function countLeftOver(): Promise<Record<string, number>> {
  const tables = Object.entries(LEFT_OVER)
  const results = await env.DB.batch<{ n: number }>(
    tables.map(([table, condition]) => env.DB.prepare(`select count(*) as n from ${table} where ${condition}`))
  )
  return Object.fromEntries(tables.map(([table], i) => [table, results[i]?.results[0]?.n ?? 0]))
}
