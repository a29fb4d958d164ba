import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { aComment, anEndpoint, later, mailbox } from '../../../../support/fixtures'
import { DAY } from '../../../../support/sources'
import { messageIds, theDelivery } from '../../../../support/views'
import { World } from '../../../../support/world'

const MINUTE = 60_000

async function count(table: string, condition = 'true'): Promise<number> {
  const n = await env.DB.prepare(`select count(*) as n from ${table} where ${condition}`).first<number>('n')
  return n ?? 0
}

async function counts() {
  return { messages: await count('messages'), deliveries: await count('deliveries'), attempts: await count('attempts') }
}

/** Runs sweeps until they remove nothing more. The first sweep may only move to the next page. */
async function sweepAll(world: World, at: number): Promise<number> {
  let sweeps = 0
  for (let quiet = 0; quiet < 3; sweeps++) {
    const before = JSON.stringify(await counts())
    await world.sweep(at + sweeps * MINUTE, 'old_deliveries')
    world.loseQueue()
    quiet = JSON.stringify(await counts()) === before ? quiet + 1 : 0
  }
  return sweeps
}

/** An endpoint with a delivered, a failed and a pending delivery, and a message that nobody wanted. */
async function oneOfEach(world: World) {
  const box = mailbox()
  const { id } = await anEndpoint(world, box.url('scripted'), { event_types: ['comment.*'] })
  await aComment(world, { body: 'delivered' })
  await world.drain()
  await box.script('status/410')
  await aComment(world, { body: 'failed' })
  await world.drain()
  await world.api('POST', `/api/endpoints/${id}/enable`)
  await box.script('status/500')
  await aComment(world, { body: 'pending' })
  await world.drain()
  await world.api('POST', '/api/messages', { type: 'nobody.listens', data: {} })
  await world.drain()
  await world.api('POST', `/api/endpoints/${id}/disable`)
  await world.sweep(later(10 * MINUTE))
  world.loseQueue()
  return { id, ids: await messageIds(world) }
}

describe('an old delivery', () => {
  it('is removed with its attempts and its message after 30 days, or 90 if it failed, but never while pending', async () => {
    const world = new World()
    const { id, ids } = await oneOfEach(world)
    const [, failed = '', pending = ''] = ids
    await sweepAll(world, later(29 * DAY))
    expect(await counts()).toEqual({ messages: 4, deliveries: 3, attempts: 3 })
    await sweepAll(world, later(31 * DAY))
    expect(await messageIds(world)).toEqual([failed, pending])
    expect(await counts()).toEqual({ messages: 2, deliveries: 2, attempts: 2 })
    await sweepAll(world, later(91 * DAY))
    expect(await messageIds(world)).toEqual([pending])
    expect(await theDelivery(world, id, pending)).toMatchObject({ status: 'pending', attempts: [{ number: 1 }] })
  })

  it('is kept as long as the owner wants, or forever if the setting is 0', async () => {
    const world = new World()
    const { ids } = await oneOfEach(world)
    const kept = { settled_days: 0, failed_days: 7, jobs_days: 30 }
    expect(await world.api('PATCH', '/api/settings', { retention: kept })).toMatchObject({
      status: 200,
      body: { retention: kept },
    })
    // A field that is not given does not change, even if two requests arrive at the same time.
    await Promise.all([
      world.api('PATCH', '/api/settings', { retention: { failed_days: 8 } }),
      world.api('PATCH', '/api/settings', { retention: { jobs_days: 31 } }),
    ])
    expect((await world.api('GET', '/api/settings')).body).toMatchObject({
      retention: { settled_days: 0, failed_days: 8, jobs_days: 31 },
    })
    await sweepAll(world, later(400 * DAY))
    expect(await messageIds(world)).toEqual(ids)
    expect(await count('deliveries', `status = 'failed'`)).toBe(0)
    expect(await count('deliveries')).toBe(2)
  })

  it('is removed although newer ones of the same message are kept, such as a delivery that was replayed', async () => {
    const world = new World()
    const { id } = await anEndpoint(world, mailbox().url())
    await aComment(world)
    await world.drain()
    await world.api('POST', `/api/endpoints/${id}/disable`)
    const other = await anEndpoint(world, mailbox().url())
    await env.DB.prepare('update deliveries set settled_at = settled_at - ?')
      .bind(40 * DAY)
      .run()
    await env.DB.prepare('update messages set created_at = created_at - ?')
      .bind(40 * DAY)
      .run()
    const [message = ''] = await messageIds(world)
    await env.DB.prepare(
      `insert into deliveries (endpoint_id, message_id, status, settled_at) values (?, ?, 'delivered', ?)`
    )
      .bind(other.id, message, later(20 * DAY))
      .run()
    await sweepAll(world, later(31 * DAY))
    expect(await counts()).toEqual({ messages: 1, deliveries: 1, attempts: 0 })
  })

  it('is not removed if it is reopened while the sweep removes', async () => {
    const world = new World()
    const { id } = await anEndpoint(world, mailbox().url())
    await aComment(world)
    await world.drain()
    const reopening = new World({ FREE_PLAN: 'false' })
    const batch = reopening.env.DB.batch.bind(reopening.env.DB)
    let reads = 0
    reopening.env.DB.batch = async (statements) => {
      const results = await batch(statements as never)
      // The first batch that finds the expired delivery. A retry reopens it before the next batch.
      const isFound = results.some((result) =>
        result.results.some((row) => row instanceof Object && 'settled_at' in row)
      )
      if (isFound && reads++ === 0) await env.DB.prepare(`update deliveries set status = 'pending'`).run()
      return results as never
    }
    await reopening.sweep(later(31 * DAY), 'old_deliveries')
    expect(reads).toBe(1)
    expect(await counts()).toEqual({ messages: 1, deliveries: 1, attempts: 1 })
    expect(await theDelivery(world, id)).toMatchObject({ status: 'pending' })
  })
})

describe('a finished replay', () => {
  it('is removed after 30 days', async () => {
    const world = new World({ FREE_PLAN: 'false' })
    const { id } = await anEndpoint(world, mailbox().url())
    const since = new Date().toISOString()
    await world.api('POST', `/api/endpoints/${id}/replay`, { since, only: 'all' })
    await world.sweep(later(MINUTE))
    await world.sweep(later(29 * DAY), 'old_replays')
    expect(await count('jobs', `state = 'done'`)).toBe(1)
    await world.sweep(later(31 * DAY), 'old_replays')
    expect(await count('jobs')).toBe(0)
  })
})

describe('40,000 old messages with deliveries and attempts', () => {
  it('are removed page by page, each sweep within its budget of calls', { timeout: 240_000 }, async () => {
    const world = new World({ FREE_PLAN: 'false' })
    const { id } = await anEndpoint(world, mailbox().url())
    await env.DB.prepare(
      `with recursive n(i) as (select 1 union all select i + 1 from n where i < 40000)
       insert into messages (id, type, created_at, dispatched_at, payload)
       select printf('msg_0%025d', i), 'comment.published', i, i, '{}' from n`
    ).run()
    await env.DB.prepare(
      `insert into deliveries (endpoint_id, message_id, status, attempt_count, settled_at)
       select ?1, id, iif(created_at % 10 = 0, 'failed', 'delivered'), 1, created_at from messages`
    )
      .bind(id)
      .run()
    await env.DB.prepare(
      `insert into attempts (endpoint_id, message_id, number, trigger, started_at, duration_ms, outcome)
       select endpoint_id, message_id, 1, 'auto', 1, 1, 'delivered' from deliveries`
    ).run()
    expect(await counts()).toEqual({ messages: 40_000, deliveries: 40_000, attempts: 40_000 })
    world.invocations.length = 0
    const sweeps = await sweepAll(world, later(0))
    expect(await counts()).toEqual({ messages: 0, deliveries: 0, attempts: 0 })
    expect(sweeps).toBeLessThan(13)
    expect(world.worst()).toBeLessThanOrEqual(900)
    expect(world.worst((seen) => seen.rowsWritten)).toBeLessThanOrEqual(30_000)
  })

  it('are removed slowly on the Free plan, so that the rows that are removed leave room for visitors', async () => {
    const world = new World({ FREE_PLAN: 'true' })
    const { id } = await anEndpoint(world, mailbox().url())
    await env.DB.prepare(
      `with recursive n(i) as (select 1 union all select i + 1 from n where i < 500)
       insert into messages (id, type, created_at, dispatched_at, payload)
       select printf('msg_0%025d', i), 'comment.published', i, i, '{}' from n`
    ).run()
    await env.DB.prepare(
      `insert into deliveries (endpoint_id, message_id, status, attempt_count, settled_at)
       select ?1, id, 'failed', 1, created_at from messages`
    )
      .bind(id)
      .run()
    world.invocations.length = 0
    await sweepAll(world, later(0))
    expect(await counts()).toEqual({ messages: 0, deliveries: 0, attempts: 0 })
    // 1,440 sweeps a day may write 50% of the 100,000 rows that the plan allows.
    expect(world.worst((seen) => seen.rowsWritten)).toBeLessThanOrEqual(35)
    expect(world.worst()).toBeLessThanOrEqual(50)
  })
})
