import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { registerReceiver } from '../../../src/owner/dashboard/first-run/receiver'
import { ROWS } from '../../../src/owner/rules/stats/quotas'
import { leaseFrom } from '../../../src/webhooks/send/deliver/lease'
import { stopClock } from '../../support/clock'
import { type Counts, noCounts, subrequests } from '../../support/counting'
import { aComment, aGuestComment, anEndpoint, laterOffTurn, mailbox, manyEndpoints } from '../../support/fixtures'
import { ownerBrowser } from '../../support/session'
import { aSource, post } from '../../support/sources'
import { BASE, TOKEN, World } from '../../support/world'

const SUBREQUESTS = 50
const QUERIES = 50

function total(world: World): Counts {
  const sum = noCounts()
  for (const { counts } of world.invocations) {
    for (const key of Object.keys(sum) as (keyof Counts)[]) sum[key] += counts[key]
  }
  return sum
}

/** Publishes a comment to a number of healthy endpoints, and counts what that costs. */
async function countComment(endpoints: number) {
  const world = new World()
  const box = mailbox()
  await aGuestComment(world)
  for (let i = 0; i < endpoints; i++) await anEndpoint(world, box.url())
  world.invocations.length = 0
  await aGuestComment(world)
  const [accepted] = world.invocations
  await world.drain()
  return {
    world,
    accepted: accepted?.counts ?? noCounts(),
    received: (await box.received()).length,
  }
}

describe('a comment', () => {
  it.each([0, 1, 3, 12])('to healthy endpoints stays within its budgets (here %i)', async (n) => {
    const { world, accepted, received } = await countComment(n)
    const all = total(world)
    const consumers = world.invocations.filter(({ door }) => door === 'queue')
    console.log(
      `budget  N=${n}: rows written ${all.rowsWritten} (<= ${ROWS.entry + ROWS.attempt * n}), round trips before 201: ${accepted.d1RoundTrips}, ` +
        `queue messages ${all.queueMessages}, consumer round trips ${consumers.map(({ counts }) => counts.d1RoundTrips)}`
    )
    expect(received).toBe(n)
    expect(all.rowsWritten).toBeLessThanOrEqual(ROWS.entry + ROWS.attempt * n)
    expect(accepted.d1RoundTrips).toBe(1)
    // One queue message, which is billed as three operations: write, read and delete. Without endpoints, none is sent.
    expect(all.queueMessages).toBe(Math.min(n, 1))
    expect(consumers).toHaveLength(Math.min(n, 1))
    expect(consumers[0]?.counts.d1RoundTrips ?? 0).toBeLessThanOrEqual(3)
    // The isolate is new, and six attempts begin at the same time, but the signing keys are read only once.
    expect(consumers[0]?.counts.queries ?? 0).toBe(n === 0 ? 0 : 8)
  })

  it.each([
    ['the form', (world: World) => signForm(world)],
    ['the API', (world: World) => world.api('POST', '/api/comments', { name: 'Ada', body: 'Hi' }, {})],
  ])('from %s in a new isolate waits for at most two D1 round trips, one after the other', async (_, sign) => {
    // A new world has a new database binding, so nothing is remembered about it.
    const world = new World()
    await sign(world)
    const [first] = world.invocations
    // The title of the book and the key of the day are read at the same time. Then the comment is written.
    expect(first?.counts).toMatchObject({ d1Sequential: 2, d1RoundTrips: 3 })
    world.invocations.length = 0
    await sign(world)
    expect(world.invocations[0]?.counts).toMatchObject({ d1Sequential: 1, d1RoundTrips: 1 })
    const another = new World()
    await sign(another)
    // The key of the day exists already, so the second isolate writes only what the comment needs.
    expect(another.invocations[0]?.counts).toMatchObject({ d1Sequential: 2, d1RoundTrips: 3, rowsWritten: 4 })
  })

  it('to 30 healthy endpoints stays within the same budgets, in work orders of 12', async () => {
    const { world, received } = await countComment(30)
    expect(received).toBe(30)
    expect(total(world).rowsWritten).toBeLessThanOrEqual(ROWS.entry + ROWS.attempt * 30)
    const orders = world.invocations.filter(({ door }) => door === 'queue')
    expect(orders).toHaveLength(3)
    expect(Math.max(...orders.map(({ counts }) => counts.d1RoundTrips))).toBeLessThanOrEqual(3)
  })

  it('to a healthy endpoint does not write to the health of the endpoint', async () => {
    const world = new World()
    const { id } = await anEndpoint(world, mailbox().url())
    const read = () => env.DB.prepare('select * from endpoints where id = ?').bind(id).first()
    const before = await read()
    await aComment(world)
    await world.drain()
    expect(await read()).toEqual(before)
  })
})

async function signForm(world: World): Promise<void> {
  const headers = { 'Content-Type': 'application/x-www-form-urlencoded' }
  const response = await world.request('/sign', { method: 'POST', headers, body: 'name=Ada&body=Hi' })
  expect(response.status).toBe(303)
}

describe('every invocation stays within the Free plan', () => {
  it('when a comment goes to twelve endpoints and to the built-in receiver', async () => {
    const world = new World()
    const box = mailbox()
    await registerReceiver(world.env, BASE, Date.now())
    for (let i = 0; i < 12; i++) await anEndpoint(world, box.url())
    world.invocations.length = 0
    await aComment(world)
    await world.drain()
    expect(await box.received()).toHaveLength(12)
    expect(await countInbound()).toBe(1)
    expectWithinPlan(world)
    console.log(`budget  12 + receiver: ${world.worst()} subrequests, ${world.worst((c) => c.queries)} queries`)
  })

  it('when the owner opens the overview', async () => {
    const world = new World()
    await registerReceiver(world.env, BASE, Date.now())
    for (let i = 0; i < 3; i++) await anEndpoint(world, mailbox().url())
    await aComment(world)
    await world.drain()
    const { see } = await ownerBrowser(world)
    world.invocations.length = 0
    await see('/admin')
    const [overview] = world.invocations
    expect(overview?.counts.queries).toBeGreaterThan(15)
    expect(overview?.counts.d1RoundTrips).toBeLessThanOrEqual(20)
    expectWithinPlan(world)
  })

  it('when one work order has twelve deliveries to the built-in receiver', async () => {
    const world = new World()
    const { endpoint_id } = await registerReceiver(world.env, BASE, Date.now())
    await seedDue([endpoint_id], 12)
    await world.sweep(laterOffTurn(0))
    expect(orderSizes(world)).toEqual([12])
    world.invocations.length = 0
    await world.drain()
    expect(await countInbound()).toBe(12)
    expectWithinPlan(world)
    console.log(`budget  12 to the receiver: ${world.worst()} subrequests, ${world.worst((c) => c.queries)} queries`)
  })

  it('when a comment goes to 600 endpoints', async () => {
    const world = new World()
    const box = mailbox()
    await manyEndpoints(world, 600, (i) => `${box.url('ok')}/${i}`)
    world.invocations.length = 0
    await aComment(world)
    await world.drain()
    const received = await box.received()
    expect(received).toHaveLength(600)
    expect(new Set(received.map((one) => one.path)).size).toBe(600)
    expectWithinPlan(world)
    console.log(
      `budget  600 endpoints: worst invocation ${world.worst()} subrequests, ${world.worst((c) => c.queries)} queries`
    )
  })

  it('when a comment goes to 600 endpoints that all fail', async () => {
    const world = new World()
    const box = mailbox()
    await manyEndpoints(world, 600, () => box.url('status/500'))
    world.invocations.length = 0
    await aComment(world)
    await world.drain()
    expect(await box.received()).toHaveLength(600)
    expectWithinPlan(world)
  })

  it('when 5,000 deliveries are due at once, and one sweep claims each of them once', async () => {
    const world = new World()
    const box = mailbox()
    const { ids } = await manyEndpoints(world, 50, () => box.url())
    await seedDue(ids, 100)
    world.invocations.length = 0
    await world.sweep(laterOffTurn(0))
    const sizes = orderSizes(world)
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(5_000)
    expect(Math.max(...sizes)).toBe(12)
    expectWithinPlan(world)
    console.log(`budget  5,000 due: sweep made ${world.worst()} subrequests, ${world.worst((c) => c.queries)} queries`)
    for (const order of world.queued.splice(0, 3)) await world.consume(order)
    expectWithinPlan(world)
  })

  it.each([
    ['accepts everything', undefined],
    ['refuses everything', new Error('Too Many Requests')],
  ])('when everything is due at once and the queue %s', async (_, queueFault) => {
    const before = new World()
    const box = mailbox()
    const { ids } = await manyEndpoints(before, 30, () => box.url())
    await seedDue(ids, 10)
    for (const id of ids.slice(0, 10)) {
      const since = '2020-01-01T00:00:00Z'
      await before.api('POST', `/api/endpoints/${id}/replay`, { since, only: 'all' })
    }
    const { path } = await aSource(before, 'unsigned', {
      retention_days: 9,
      body_retention_days: 1,
    })
    for (let i = 0; i < 20; i++) await post(before, path, `{"n":${i}}`)
    await before.drain()
    for (let i = 20; i < 40; i++) await post(before, path, `{"n":${i}}`)
    await post(before, path, new Uint8Array(8_000_000))
    await aComment(before)
    const keys = { SECRETS_KEY: btoa('k'.repeat(32)), SECRETS_KEY_PREVIOUS: env.SECRETS_KEY }
    const world = new World(keys)
    world.queueFault = queueFault
    for (let i = 0; i < 5; i++) await world.sweep(laterOffTurn(10 * 86_400_000 + i * 60_000))
    expectWithinPlan(world)
    console.log(
      `budget  everything due: sweep made ${world.worst()} subrequests, ${world.worst((c) => c.queries)} queries`
    )
  })

  it('when more deliveries are due than one sweep can claim, and the next sweeps claim the rest', async () => {
    const world = new World()
    const { ids } = await manyEndpoints(world, 100, () => mailbox().url())
    await seedDue(ids, 120)
    const now = laterOffTurn(0)
    await world.sweep(now)
    const first = world.queued.length
    expectWithinPlan(world)
    await world.sweep(now)
    await world.sweep(now)
    expect(first).toBeGreaterThan(0)
    expect(orderSizes(world).reduce((sum, size) => sum + size, 0)).toBe(12_000)
  })

  it('when a work order has twelve slow deliveries, whatever its receivers do', async () => {
    const rest = await Promise.all([
      aSlowOrder('to one endpoint', [{ behavior: 'late-ok/1500' }]),
      aSlowOrder('to twelve', twelve('late-ok')),
      aSlowOrder('failures of one', [{ behavior: 'late-500/1500' }]),
      aSlowOrder('failures of six, two each', twelve('late-500').slice(0, 6)),
      aSlowOrder('digests', [{ behavior: 'late-ok/1500', more: DAILY }], 'manual'),
      aSlowOrder('failed digests', [{ behavior: 'late-500/1500', more: DAILY }], 'manual'),
      aSlowOrder('digests and failures of six', twelve('late-500', DAILY).slice(0, 6), 'manual'),
    ])
    expect(Math.max(...rest)).toBeLessThanOrEqual(50)
  })

  it('when twelve failures arrive one after another, and each is settled alone', async () => {
    const world = new World()
    const box = mailbox()
    for (let i = 1; i <= 12; i++) await anEndpoint(world, box.url(`late-500/${i * 1_150}/${i}`))
    world.invocations.length = 0
    await aComment(world)
    await world.drain()
    // Six attempts are made by the first work order, and six by the order that it hands over.
    expect(total(world).fetches).toBe(12)
    expect(world.worst((counts) => counts.d1RoundTrips)).toBeGreaterThan(3)
    expectWithinPlan(world)
    console.log(`budget  12 one by one: ${world.worst()} subrequests, ${world.worst((c) => c.queries)} queries`)
  })
})

const DAILY = { format: 'slack', digest: 'daily' }

/** Twelve receivers that answer one after the other. */
function twelve(behavior: string, more = {}) {
  return Array.from({ length: 12 }, (_, i) => ({ behavior: `${behavior}/${1_500 + 1_150 * i}/${i}`, more }))
}

/**
 * Runs a work order with twelve deliveries, which the endpoints share.
 * @returns the worst number of subrequests or queries of an invocation
 */
async function aSlowOrder(name: string, endpoints: { behavior: string; more?: object }[], release?: 'manual') {
  const world = new World()
  const box = mailbox()
  const made = []
  for (const { behavior, more } of endpoints) {
    made.push(await anEndpoint(world, box.url(behavior), { event_types: ['ping'], ...more }))
  }
  const per = 12 / made.length
  const lease = leaseFrom(Date.now())
  const message_ids = await seedMessages(per)
  const ids = made.map(({ id }) => id)
  await seedDeliveries(ids, message_ids, lease)
  const deliveries = ids.flatMap((endpoint_id) =>
    message_ids.map((message_id) => ({ endpoint_id, message_id, attempt_count: 0, lease }))
  )
  world.invocations.length = 0
  await world.consume({ queue: 'guesthook-patient', body: { kind: 'attempt', deliveries, release }, delaySeconds: 0 })
  await world.drain()
  const [calls, queries] = [world.worst(), world.worst((counts) => counts.queries)]
  console.log(`budget  12 slow, ${name}: ${calls} subrequests, ${queries} queries, ${world.sent.length} requests`)
  return Math.max(calls, queries)
}

async function countInbound(): Promise<unknown> {
  return env.DB.prepare('select count(*) as n from inbound_messages').first('n')
}

function expectWithinPlan(world: World): void {
  expect(world.worst(subrequests)).toBeLessThanOrEqual(SUBREQUESTS)
  expect(world.worst((counts) => counts.queries)).toBeLessThanOrEqual(QUERIES)
  const { executed } = world.recorder
  expect(executed.length).toBeGreaterThan(0)
  expect(executed.filter(({ params }) => params.length > 100)).toEqual([])
  expect(executed.filter(({ sql }) => sql.length >= 100_000)).toEqual([])
}

/** The number of deliveries in each queued work order. */
function orderSizes(world: World): number[] {
  return world.queued.map(({ body }) => (body as { deliveries: unknown[] }).deliveries.length)
}

/** Creates deliveries of `perEndpoint` messages to each endpoint, which were due a minute ago. */
async function seedDue(endpoint_ids: string[], perEndpoint: number): Promise<void> {
  await seedDeliveries(endpoint_ids, await seedMessages(perEndpoint), Date.now() - 60_000)
}

let seeded = 0

async function seedMessages(count: number): Promise<string[]> {
  const message_ids = Array.from({ length: count }, () => `msg_${String(seeded++).padStart(26, '0')}`)
  await env.DB.prepare(
    `insert into messages (id, type, created_at, dispatched_at, payload)
     select value, 'ping', 1, 1, '{"type":"ping","timestamp":"2026-12-01T00:00:00Z","data":{}}' from json_each(?1)`
  )
    .bind(JSON.stringify(message_ids))
    .run()
  return message_ids
}

async function seedDeliveries(endpoint_ids: string[], message_ids: string[], next_attempt_at: number): Promise<void> {
  await env.DB.prepare(
    `insert into deliveries (endpoint_id, message_id, status, next_attempt_at)
     select e.value, m.value, 'pending', ?3 from json_each(?1) e, json_each(?2) m`
  )
    .bind(JSON.stringify(endpoint_ids), JSON.stringify(message_ids), next_attempt_at)
    .run()
}

describe('reading', () => {
  const SMALL = 1_000
  const LARGE = 100_000

  it('a page, a list or due work costs the same number of rows with 1,000 and 100,000 rows stored', async () => {
    // What a sweep reads depends on the minute.
    stopClock()
    const small = await readCosts(SMALL)
    const large = await readCosts(LARGE)
    console.log('budget  rows read', JSON.stringify(large))
    expect(large).toEqual(small)
  })

  async function readCosts(rows: number): Promise<Record<string, number>> {
    const world = new World()
    await env.DB.batch([
      env.DB.prepare('delete from comments'),
      env.DB.prepare('delete from deliveries'),
      env.DB.prepare('delete from messages'),
      env.DB.prepare('delete from endpoints'),
      env.DB.prepare('delete from sweep_state'),
    ])
    const { id } = await anEndpoint(world, mailbox().url())
    await seedStored(id, rows)
    const costs: Record<string, number> = {}
    const statuses: Record<string, number> = {}
    const paths = [
      '/',
      `/?before=cmt_${'7'.padEnd(26, 'Z')}`,
      '/api/comments',
      '/api/comments?limit=100',
      '/api/messages',
      `/api/endpoints/${id}`,
      `/api/endpoints/${id}/messages`,
      `/api/endpoints/${id}/deliveries`,
      `/api/endpoints/${id}/deliveries?status=failed`,
      `/api/endpoints/${id}/deliveries?status=pending`,
      `/api/messages/msg_${String(rows - 5).padStart(26, '0')}`,
    ]
    for (const path of paths) {
      world.invocations.length = 0
      const response = await world.request(path, { headers: { Authorization: `Bearer ${TOKEN}` } })
      statuses[path] = response.status
      costs[path.replace(/(ep|msg)_\w+/, '{id}')] = total(world).rowsRead
    }
    expect(statuses).toEqual(Object.fromEntries(paths.map((path) => [path, 200])))
    world.invocations.length = 0
    await world.sweep(laterOffTurn(0))
    costs.sweep = total(world).rowsRead
    return costs
  }

  /** Fills the tables. */
  async function seedStored(endpoint_id: string, rows: number): Promise<void> {
    const STEP = 20_000
    for (let at = 0; at < rows; at += STEP) {
      const series = `with recursive n(i) as (select ?1 union all select i + 1 from n where i < ?2)`
      const last = Math.min(at + STEP, rows) - 1
      await env.DB.batch([
        env.DB.prepare(
          `insert into comments (id, book, number, status, created_at, name, body)
           ${series} select 'cmt_' || printf('%026d', i), 'main', i, 'published', i, 'n', 'b' from n`
        ).bind(at, last),
        env.DB.prepare(
          `insert into messages (id, type, created_at, dispatched_at, payload)
           ${series} select 'msg_' || printf('%026d', i), 'ping', i, i, '{"data":{}}' from n`
        ).bind(at, last),
        env.DB.prepare(
          `insert into deliveries (endpoint_id, message_id, status, attempt_count, settled_at)
           ${series} select ?3, 'msg_' || printf('%026d', i), 'delivered', 1, i from n`
        ).bind(at, last, endpoint_id),
      ])
    }
  }
})
