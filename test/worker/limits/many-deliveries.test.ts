import { env } from 'cloudflare:workers'
import { expect, it } from 'vitest'
import { openBudget } from '../../../src/kit/sweep/subrequest-budget'
import { LAG_MS, STEP_MS } from '../../../src/owner/rules/stats/periods'
import { sweepStats } from '../../../src/owner/stats/sweep'
import { ownerBrowser } from '../../support/session'
import { World } from '../../support/world'

const ENDPOINTS = 10
const MESSAGES = 20_000

const endpointId = (n: number) => `ep_01K${String(n).padStart(23, '0')}`
const messageId = (n: number) => `msg_01JD9Z6Y3T${String(n).padStart(16, '0')}`

/** 200,000 deliveries: a tenth of them failed, and a tenth of them wait. */
async function manyDeliveries(): Promise<void> {
  const numbers = (count: number) =>
    `with recursive n (i) as (select 1 union all select i + 1 from n where i < ${count})`
  await env.DB.prepare(
    `insert into endpoints (id, status, url, event_types, created_at, updated_at, secrets)
     select * from (${numbers(ENDPOINTS)} select 'ep_01K' || printf('%023d', i), 'enabled', 'https://example.com/' || i, '["*"]', 1, 1, '' from n)`
  ).run()
  await env.DB.prepare(
    `insert into messages (id, type, created_at, dispatched_at, payload)
     select * from (${numbers(MESSAGES)} select 'msg_01JD9Z6Y3T' || printf('%016d', i), iif(i % 2, 'ping', 'order.paid'), 1732442400000, 1, '{}' from n)`
  ).run()
  await env.DB.prepare(
    `insert into deliveries (endpoint_id, message_id, status, attempt_count, settled_at)
     select e.id, m.id, iif(m.rowno % 10 = 0, 'failed', iif(m.rowno % 10 = 1, 'pending', 'delivered')), 1, 1
     from endpoints e
     cross join (select id, cast(substr(id, 15) as integer) as rowno from messages) m`
  ).run()
}

it('with 200,000 deliveries, every page and list reads as few rows as with few', { timeout: 120_000 }, async () => {
  await manyDeliveries()
  const world = new World()
  const { cookie } = await ownerBrowser(world)
  const owner = { Authorization: `Bearer ${world.env.ADMIN_TOKEN}` }
  const rowsReadBy = async (path: string, headers: Record<string, string> = cookie) => {
    world.invocations.length = 0
    const response = await world.request(path, { headers })
    expect([path, response.status]).toEqual([path, 200])
    return world.invocations[0]?.counts.rowsRead ?? 0
  }
  const [endpoint, message] = [endpointId(1), messageId(MESSAGES / 2)]
  const limits: [path: string, rows: number, headers?: Record<string, string>][] = [
    ['/admin', 300],
    // Twenty messages, and each delivery that they may have, looked up and read.
    ['/admin/messages', 500],
    [`/admin/messages?cursor=${message}`, 500],
    ['/admin/messages?state=failed', 700],
    // A search reads 500 messages twice: for the list and for the next cursor.
    ['/admin/messages?q=nowhere', 1_100],
    [`/admin/messages/${message}`, 100],
    [`/admin/messages/${message}/deliveries/${endpoint}`, 50],
    // The page counts up to 1,000 parked deliveries.
    [`/admin/endpoints/${endpoint}`, 1_300],
    [`/admin/endpoints/${endpoint}?status=failed`, 1_300],
    // A filter by type reads 250 deliveries twice, and the message and the endpoint of each.
    [`/admin/endpoints/${endpoint}?type=nowhere.*`, 2_100],
    ['/admin/endpoints', 50],
    ['/admin/endpoints?q=nowhere', 100],
    ['/api/messages', 500, owner],
    ['/api/stats', 50, owner],
    ['/api/metrics', 20, owner],
  ]
  for (const [path, limit, headers] of limits) {
    const rows = await rowsReadBy(path, headers)
    console.log(`budget  200,000 deliveries, ${path}: ${rows} rows read (<= ${limit})`)
    expect([path, rows <= limit]).toEqual([path, true])
  }
})

it('the statistics read each row about once, however many older ones there are', { timeout: 120_000 }, async () => {
  await manyDeliveries()
  await env.DB.prepare(`insert into rollups (span, start, counted_to, figures) values ('total', 0, ?, ?)`)
    .bind(
      Math.floor(Date.now() / STEP_MS) * STEP_MS,
      JSON.stringify({
        entries: { published: 0, held: 0, hidden: 0, spam: 0 },
        inbound: { processed: 0, failed: 0, new: 0 },
        endpoints: {},
      })
    )
    .run()
  const world = new World()
  const before = world.recorder.counts.rowsRead
  await sweepStats(world.env, (Math.floor(Date.now() / STEP_MS) + 1) * STEP_MS + LAG_MS, openBudget(world.env))
  expect(world.recorder.counts.rowsRead - before).toBeLessThanOrEqual(100)
})
