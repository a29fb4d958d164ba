import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { letPass } from '../../../support/clock'
import type { Counts } from '../../../support/counting'
import { aComment, anEndpoint, later, mailbox, restChores } from '../../../support/fixtures'
import { ownerBrowser } from '../../../support/session'
import { type DeliveryView, latestMessageId, messageIds, theDelivery, theEndpoint } from '../../../support/views'
import { World } from '../../../support/world'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** An endpoint whose breaker was opened by five failures. */
async function anOpenBreaker(behavior = 'status/500', world = new World()) {
  const box = mailbox()
  const { id, secret } = await anEndpoint(world, box.url(behavior))
  for (let i = 0; i < 5; i++) {
    await aComment(world, { body: `failing ${i}` })
    await world.drain()
  }
  world.loseQueue()
  return { world, box, id, secret }
}

/** Runs one sweep, and consumes the work orders that it sends. */
async function sweepAt(world: World, ms: number): Promise<void> {
  await world.sweep(later(ms))
  await world.drainDelayed()
}

/** The texts of the comments that a receiver has received, except the first few. */
async function bodies(box: ReturnType<typeof mailbox>, from = 0): Promise<string[]> {
  return (await box.received()).slice(from).map(({ body }) => JSON.parse(body).data.comment.body)
}

/** All deliveries to an endpoint, oldest first. */
async function deliveriesTo(world: World, endpoint_id: string) {
  const deliveries: DeliveryView[] = []
  for (const message_id of await messageIds(world)) deliveries.push(await theDelivery(world, endpoint_id, message_id))
  return deliveries
}

describe('the breaker of an endpoint', () => {
  it('opens after five failures in a row, and parks deliveries without using up attempts', async () => {
    const { world, box, id } = await anOpenBreaker()
    expect((await theEndpoint(world, id)).health).toMatchObject({
      breaker: 'open',
      consecutive_failures: 5,
      probes: 0,
    })
    await aComment(world, { body: 'parked' })
    await world.drain()
    // The retries of the first five deliveries are also parked when they are due.
    await world.sweep(later(10_000))
    await world.drain()
    expect(await box.received()).toHaveLength(5)
    const parked = { status: 'pending', reason: 'breaker_open', next_attempt_at: null }
    expect(await deliveriesTo(world, id)).toMatchObject(
      [1, 1, 1, 1, 1, 0].map((attempt_count) => ({ ...parked, attempt_count }))
    )
    // What has not been tried yet waits.
    const browser = await ownerBrowser(world)
    const list = await browser.see('/admin/messages')
    expect([list.match(/1 failing/g)?.length, list.match(/1 waiting/g)?.length]).toEqual([5, 1])
    const page = await browser.see(`/admin/messages/${await latestMessageId(world)}`)
    expect(page).toMatch(/waiting.*the endpoint is down/s)
    expect(page).not.toContain('failing')
  })

  it('sends a probe after 1, 2, 4 ... 60 minutes, and no delivery fails', async () => {
    const { world, box, id } = await anOpenBreaker()
    const minutes = [1, 2, 4, 8, 16, 32, 60, 60]
    const seen: unknown[] = []
    for (const wait of minutes) {
      const { resume_at } = (await theEndpoint(world, id)).health
      const due = Date.parse(resume_at ?? '') - Date.now()
      await sweepAt(world, due - 1_000)
      const early = (await box.received()).length
      await sweepAt(world, due + 1)
      const onTime = (await box.received()).length
      const { breaker, probes } = (await theEndpoint(world, id)).health
      const isOnSchedule = due > wait * MINUTE - 5_000 && due <= wait * MINUTE
      seen.push({ isOnSchedule, early, onTime, breaker, probes })
    }
    expect(seen).toEqual(
      minutes.map((_, i) => ({
        isOnSchedule: true,
        early: 5 + i,
        onTime: 6 + i,
        breaker: 'open',
        probes: i + 1,
      }))
    )
    expect(await bodies(box, 5)).toEqual([
      ...Array.from({ length: 4 }, () => 'failing 0'),
      'failing 4',
      'failing 0',
      'failing 4',
      'failing 0',
    ])
    const [oldest = ''] = await messageIds(world)
    expect(await theDelivery(world, id, oldest)).toMatchObject({
      status: 'pending',
      attempt_count: 7,
    })
  })

  it('closes when a probe succeeds, and releases the rest, oldest first', async () => {
    const { world, box, id } = await anOpenBreaker('fail-times/6')
    for (let i = 0; i < 30; i++) await aComment(world, { body: `parked ${i}` })
    await world.drain()
    await sweepAt(world, MINUTE + 1)
    expect(await box.received()).toHaveLength(6)
    await sweepAt(world, 4 * MINUTE)
    const order = [0, 1, 2, 3, 4].map((i) => `failing ${i}`)
    for (let i = 0; i < 30; i++) order.push(`parked ${i}`)
    expect(await bodies(box, 6)).toEqual(order)
    // The last page was spread over a minute. Until it had been sent, what was new would have joined the end.
    expect((await theEndpoint(world, id)).health.breaker).toBe('draining')
    await sweepAt(world, 6 * MINUTE)
    expect((await theEndpoint(world, id)).health).toMatchObject({
      breaker: 'closed',
      resume_at: null,
      consecutive_failures: 0,
      failing_since: null,
      probes: 0,
    })
    const statuses = (await deliveriesTo(world, id)).map(({ status }) => status)
    expect(statuses).toEqual(Array(35).fill('delivered'))
  })

  it('sends another probe if the first one was lost, after its lease has ended', async () => {
    const { world, box, id } = await anOpenBreaker('fail-times/5')
    await world.sweep(later(MINUTE + 1))
    world.loseQueue()
    expect((await theEndpoint(world, id)).health.breaker).toBe('probing')
    await sweepAt(world, 2 * MINUTE)
    expect(await box.received()).toHaveLength(5)
    await sweepAt(world, 10 * MINUTE)
    expect((await box.received()).length).toBe(10)
    expect((await theEndpoint(world, id)).health.breaker).toBe('closed')
  })

  it('lets a manual retry through, and closes when the retry succeeds', async () => {
    const { world, box, id } = await anOpenBreaker('fail-times/5')
    const [, , third = ''] = await messageIds(world)
    await sweepAt(world, 10_000)
    const path = `/api/messages/${third}/deliveries/${id}/retry`
    expect(await world.api('POST', path)).toMatchObject({ status: 200 })
    expect(await world.api('POST', path, { hasten: true })).toMatchObject({ status: 202 })
    await world.drainDelayed()
    expect((await bodies(box, 5))[0]).toBe('failing 2')
    expect(await box.received()).toHaveLength(10)
    expect((await theEndpoint(world, id)).health.breaker).toBe('closed')
  })

  it('does not let attempts that a person asks for use up the schedule while it is open', async () => {
    const { world, box, id } = await anOpenBreaker()
    const [oldest = ''] = await messageIds(world)
    await sweepAt(world, 10_000)
    for (let i = 0; i < 12; i++) {
      expect((await world.api('POST', `/api/endpoints/${id}/try`)).status).toBe(202)
      await world.drain()
      world.loseQueue()
      await sweepAt(world, 10_000)
      letPass(MINUTE)
    }
    expect((await box.received()).length).toBeGreaterThan(12)
    const statuses = (await deliveriesTo(world, id)).map(({ status }) => status)
    expect([statuses, (await theDelivery(world, id, oldest)).reason]).toEqual([
      Array(5).fill('pending'),
      'breaker_open',
    ])
  })

  it('lets the others follow if a person tries during a pause that the receiver asked for', async () => {
    const world = new World()
    const box = mailbox()
    const { id } = await anEndpoint(world, box.url('scripted'))
    await box.script('unavailable/3600')
    for (const body of ['a', 'b', 'c']) {
      await aComment(world, { body })
      await world.drain()
    }
    await sweepAt(world, 10_000)
    expect((await theEndpoint(world, id)).health.breaker).toBe('held')
    await box.script('ok')
    expect((await world.api('POST', `/api/endpoints/${id}/try`)).status).toBe(202)
    await world.drainDelayed()
    await sweepAt(world, MINUTE)
    const statuses = (await deliveriesTo(world, id)).map(({ status }) => status)
    expect(statuses).toEqual(['delivered', 'delivered', 'delivered'])
    expect((await theEndpoint(world, id)).health.breaker).toBe('closed')
  })

  it('opens in the middle of a work order, and the rest of the order is parked', async () => {
    const world = new World()
    const box = mailbox()
    const { id } = await anEndpoint(world, box.url('status/500'))
    for (let i = 0; i < 12; i++) await aComment(world)
    world.loseQueue()
    await env.DB.prepare(
      `insert into deliveries (endpoint_id, message_id, status, next_attempt_at)
       select ?1, id, 'pending', 1 from messages`
    )
      .bind(id)
      .run()
    await world.sweep(later(0))
    await world.drain()
    expect(await box.received()).toHaveLength(5)
    const parked = await env.DB.prepare(
      `select count(*) as n from deliveries where status = 'pending' and next_attempt_at is null`
    ).first('n')
    expect(parked).toBe(12)
  })

  it('closes when the endpoint gets a new URL, and releases parked deliveries immediately', async () => {
    const { world, box, id } = await anOpenBreaker()
    await sweepAt(world, 10_000)
    await world.api('PATCH', `/api/endpoints/${id}`, { url: box.url('ok') })
    await sweepAt(world, 11_000)
    expect(await box.received()).toHaveLength(10)
    expect((await theEndpoint(world, id)).health).toMatchObject({
      breaker: 'closed',
      consecutive_failures: 0,
    })
  })

  it('does not allow one message that always fails to block the rest', async () => {
    const world = new World()
    const box = mailbox()
    const { id } = await anEndpoint(world, box.url('fail-if/poison'))
    await aComment(world, { body: 'poison' })
    await world.drain()
    for (let i = 0; i < 4; i++) {
      const [poison = ''] = await messageIds(world)
      const at = Date.parse((await theDelivery(world, id, poison)).next_attempt_at ?? '')
      world.loseQueue()
      await world.sweep(at + 1)
      await world.drain()
    }
    expect((await theEndpoint(world, id)).health.breaker).toBe('open')
    await aComment(world, { body: 'fine' })
    await world.drain()
    for (let i = 0; i < 5; i++) {
      const { health } = await theEndpoint(world, id)
      await world.sweep(Date.parse(health.resume_at ?? '') + 1)
      await world.drain()
    }
    expect(await bodies(box)).toContain('fine')
    expect((await theEndpoint(world, id)).health.breaker).not.toBe('open')
  })
})

describe('a backlog of 10,000 parked deliveries', () => {
  async function aBacklog(rate_limit: number) {
    const world = new World()
    const box = mailbox()
    const { id } = await anEndpoint(world, box.url(), { rate_limit })
    await env.DB.batch([
      env.DB.prepare(
        `insert into messages (id, type, created_at, dispatched_at, payload)
         with recursive n(i) as (select 1 union all select i + 1 from n where i < 10000)
         select 'msg_' || printf('%026d', i), 'ping', 1, 1, '{"n":' || i || '}' from n`
      ),
      env.DB.prepare(
        `insert into deliveries (endpoint_id, message_id, status) select ?1, id, 'pending' from messages`
      ).bind(id),
      env.DB.prepare(
        `update endpoints
         set breaker = 'open', consecutive_failures = 5, failing_since = ?1, last_failure_at = ?1,
           resume_at = ?2`
      ).bind(Date.now(), later(30 * MINUTE)),
    ])
    await restChores()
    world.invocations.length = 0
    return { world, box, id }
  }

  it('does not cost any row writes while it is waiting', async () => {
    const { world } = await aBacklog(300)
    for (let minute = 1; minute < 30; minute++) await world.sweep(later(minute * MINUTE))
    expect(sum(world, (counts) => counts.rowsWritten)).toBe(0)
    expect(world.queued).toEqual([])
    expect(world.worst((counts) => counts.rowsRead)).toBeLessThan(60)
  })

  it('drains in order, at the rate limit of the endpoint and within the budgets', async () => {
    const { world, box, id } = await aBacklog(600)
    await sweepAt(world, 30 * MINUTE + 1)
    // The probe has succeeded, and the first page has been released immediately.
    expect(await box.received()).toHaveLength(1 + 600)
    await sweepAt(world, 31 * MINUTE)
    expect(await box.received()).toHaveLength(1 + 600 + 600)
    const order = (await box.received()).map(({ body }) => JSON.parse(body).n)
    expect(order).toEqual(Array.from({ length: order.length }, (_, i) => i + 1))
    expect((await theEndpoint(world, id)).health.breaker).toBe('draining')
    expect(world.worst()).toBeLessThanOrEqual(50)
    expect(world.worst((counts) => counts.queries)).toBeLessThanOrEqual(50)
    // Releasing, attempting and settling a parked delivery costs as much as a retry.
    expect(sum(world, (counts) => counts.rowsWritten) / order.length).toBeLessThan(8)
  })

  it('spreads a page over almost a minute', async () => {
    const { world } = await aBacklog(120)
    await world.sweep(later(30 * MINUTE + 1))
    const [probe] = world.queued.splice(0)
    if (probe) await world.consume(probe)
    const [resume] = world.queued.splice(0)
    if (resume) await world.consume(resume)
    expect(world.queued.map(({ delaySeconds }) => delaySeconds)).toEqual([0, 5, 10, 15, 20, 25, 30, 35, 40, 45])
  })
})

function sum(world: World, measure: (counts: Counts) => number): number {
  return world.invocations.reduce((total, { counts }) => total + measure(counts), 0)
}

describe('an endpoint that keeps failing', () => {
  /** Makes a probe fail every six hours, until the endpoint has been failing for `ms` or is disabled. */
  async function failFor(world: World, id: string, ms: number): Promise<void> {
    for (let at = 0; at <= ms; at += 6 * HOUR) {
      if ((await theEndpoint(world, id)).status === 'disabled') return
      await env.DB.prepare(
        `update endpoints set failing_since = ?2, resume_at = case when breaker = 'open' then 1 end where id = ?1`
      )
        .bind(id, Date.now() - at)
        .run()
      await world.sweep(later(0))
      await world.drain()
    }
  }

  it('is disabled after five days, and the other endpoints get two warnings and an event', async () => {
    const world = new World()
    const watcher = mailbox()
    await anEndpoint(world, watcher.url(), { event_types: ['endpoint.*', 'delivery.failed'] })
    const { id, box } = await anOpenBreaker('status/500', world)
    await failFor(world, id, 6 * DAY)
    expect(await theEndpoint(world, id)).toMatchObject({
      status: 'disabled',
      disabled_reason: 'failing',
      disabled_at: expect.any(String),
    })
    await world.sweep(later(2 * MINUTE))
    await world.drain()
    const events = (await watcher.received()).map(({ body }) => JSON.parse(body))
    expect(events.map(({ type, data }) => [type, data.percent ?? data.reason])).toEqual([
      ['endpoint.failing', 50],
      ['endpoint.failing', 90],
      ['endpoint.disabled', 'failing'],
    ])
    const [{ data }] = events
    expect(data).toMatchObject({
      endpoint: { id, host: new URL(box.url()).host, description: '' },
      last_attempt: { outcome: 'refused', status_code: 500 },
    })
    expect(JSON.stringify(events)).not.toContain(new URL(box.url()).pathname)
    // No delivery was lost. The messages after the first five are the events.
    const messages = (await messageIds(world)).slice(0, 5)
    const deliveries = await Promise.all(messages.map((one) => theDelivery(world, id, one)))
    const parked = { status: 'pending', reason: 'endpoint_disabled' }
    expect(deliveries).toMatchObject(Array(5).fill(parked))
  })

  it('is disabled even if no other endpoint exists, and no event is created in that case', async () => {
    const { world, id } = await anOpenBreaker()
    await failFor(world, id, 6 * DAY)
    expect((await theEndpoint(world, id)).status).toBe('disabled')
    expect(await messageIds(world)).toHaveLength(5)
  })

  it('sends its parked deliveries when it is enabled, and its recovery is announced', async () => {
    const world = new World()
    const watcher = mailbox()
    await anEndpoint(world, watcher.url(), { event_types: ['endpoint.recovered'] })
    const { id, box } = await anOpenBreaker('fail-times/5', world)
    await env.DB.prepare(
      `update endpoints set status = 'disabled', disabled_reason = 'failing', breaker = 'closed', resume_at = null,
         disabled_at = ?2 where id = ?1`
    )
      .bind(id, Date.now())
      .run()
    await world.sweep(later(10_000))
    await world.drain()
    await world.api('POST', `/api/endpoints/${id}/enable`)
    await world.drainDelayed()
    expect(await bodies(box, 5)).toEqual([0, 1, 2, 3, 4].map((i) => `failing ${i}`))
    expect(await theEndpoint(world, id)).toMatchObject({
      status: 'enabled',
      health: { breaker: 'closed', consecutive_failures: 0 },
    })
    expect(await watcher.received()).toHaveLength(1)
  })
})

describe('an operational event', () => {
  it('about a failed delivery goes to other endpoints, never to the endpoint itself', async () => {
    const world = new World()
    const [watcher, gone] = [mailbox(), mailbox()]
    await anEndpoint(world, watcher.url(), {
      event_types: ['delivery.failed', 'endpoint.disabled'],
    })
    const { id } = await anEndpoint(world, gone.url('status/410'), { event_types: ['*'] })
    await aComment(world)
    const message_id = await latestMessageId(world)
    await world.drain()
    const events = (await watcher.received()).map(({ body }) => JSON.parse(body))
    expect(events.map(({ type }) => type).sort()).toEqual(['delivery.failed', 'endpoint.disabled'])
    const failed = events.find(({ type }) => type === 'delivery.failed')
    expect(failed.data).toMatchObject({
      endpoint: { id },
      message: { id: message_id, type: 'comment.published' },
      reason: 'gone',
      attempt_count: 1,
    })
    expect(await gone.received()).toHaveLength(1)
  })

  it('about the delivery of another operational event is never created', async () => {
    const world = new World()
    for (let i = 0; i < 3; i++) await anEndpoint(world, mailbox().url('ok'))
    await aComment(world)
    world.env.ALLOW_LOCAL_ENDPOINTS = 'false'
    await world.drain()
    // The comment's three deliveries fail, which creates three events. The deliveries of these events create no events.
    expect(await messageIds(world)).toHaveLength(1 + 3)
  })
})
