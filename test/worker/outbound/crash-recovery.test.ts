import { env } from 'cloudflare:workers'
import { describe, expect, it, vi } from 'vitest'
import {
  aComment,
  anEndpoint,
  later,
  latestMessageId,
  mailbox,
  theDelivery,
  World,
} from '../../support/world'

/** After this long every lease has passed. */
const LEASES_GONE = 10 * 60_000

async function settle(world: World, box: ReturnType<typeof mailbox>, id: string) {
  await world.sweep(later(LEASES_GONE))
  await world.drain()
  await world.sweep(later(2 * LEASES_GONE))
  await world.drain()
  const delivery = await theDelivery(world, id)
  return { delivery, received: await box.received() }
}

describe('nothing is lost', () => {
  it('when the process dies after accepting and before the queue is told', async () => {
    const world = new World()
    const box = mailbox()
    const { id } = await anEndpoint(world, box.url())
    await aComment(world)
    world.loseQueue()
    const { delivery, received } = await settle(world, box, id)
    expect(delivery.status).toBe('delivered')
    expect(received).toHaveLength(1)
  })

  it('when every send to the queue fails', async () => {
    const world = new World()
    const box = mailbox()
    const { id } = await anEndpoint(world, box.url('fail-times/1'))
    world.queueFault = new Error('Too Many Requests')
    await aComment(world)
    expect(world.queued).toEqual([])
    await world.sweep(later(LEASES_GONE))
    world.queueFault = undefined
    const { delivery } = await settle(world, box, id)
    expect(delivery).toMatchObject({ status: 'delivered', attempt_count: 2 })
  })

  it('when its wake-ups are lost again and again: the sweep asks less and less often', async () => {
    const world = new World()
    const box = mailbox()
    await anEndpoint(world, box.url())
    await aComment(world)
    const wokenAt: number[] = []
    for (let minute = 1; minute <= 240; minute++) {
      world.loseQueue()
      await world.sweep(later(minute * 60_000 + 5_000))
      if (world.queued.length > 0) wokenAt.push(minute)
    }
    expect(wokenAt).toEqual([1, 2, 5, 10, 20, 40, 80, 140, 200])
    await world.sweep(later(265 * 60_000))
    await world.drain()
    expect(await box.received()).toHaveLength(1)
  })

  it('when the queue took nothing for hours: woken at once, and again within minutes', async () => {
    const world = new World()
    const box = mailbox()
    await anEndpoint(world, box.url())
    world.queueFault = new Error('Too Many Requests')
    await aComment(world)
    for (let minute = 1; minute <= 120; minute++) await world.sweep(later(minute * 60_000 + 5_000))
    world.queueFault = undefined
    await world.sweep(later(121 * 60_000))
    expect(world.queued).toHaveLength(1)
    world.loseQueue()
    await world.sweep(later(122 * 60_000 + 5_000))
    await world.drain()
    expect(await box.received()).toHaveLength(1)
  })

  it('when no sweep came for hours: the wait begins with the first one that does', async () => {
    const world = new World()
    await anEndpoint(world, mailbox().url())
    await aComment(world)
    for (const minute of [180, 181.5]) {
      world.loseQueue()
      await world.sweep(later(minute * 60_000))
      expect(world.queued).toHaveLength(1)
    }
  })

  it('when it dies after dispatching and before sending', async () => {
    const world = new World()
    const box = mailbox()
    const { id } = await anEndpoint(world, box.url())
    await aComment(world)
    const { dispatchMessage } = await import('../../../src/outbound/deliver/dispatch')
    // The transaction is done; what would follow never runs.
    const dead = new World({ FRESH: world.env.FRESH })
    const message = { id: await latestMessageId(world), type: 'comment.published' }
    const realFetch = globalThis.fetch
    globalThis.fetch = () => Promise.reject(new Error('killed'))
    dead.env.DB.batch = killAfter(dead.env.DB, 1)
    const nothing = { lane: 'fresh', waitUntil: () => undefined } as const
    await expect(dispatchMessage(dead.env, message, Date.now(), nothing)).rejects.toThrow('killed')
    globalThis.fetch = realFetch
    world.loseQueue()
    expect(await theDelivery(world, id)).toMatchObject({ status: 'pending', attempt_count: 0 })
    const { delivery, received } = await settle(world, box, id)
    expect(delivery.status).toBe('delivered')
    expect(received).toHaveLength(1)
  })

  it('when it dies after sending and before settling: sent again with the same id', async () => {
    const world = new World()
    const box = mailbox()
    const { id } = await anEndpoint(world, box.url())
    await aComment(world)
    const [dispatch] = world.queued.splice(0)
    world.env.DB.batch = killAfter(world.env.DB, 1)
    // Acknowledged or not, as the receiver was quick: the lease is what brings it back.
    if (dispatch) await world.consume(dispatch)
    world.env.DB.batch = new World().env.DB.batch
    const { delivery, received } = await settle(world, box, id)
    expect(delivery).toMatchObject({ status: 'delivered', attempt_count: 1 })
    expect(received).toHaveLength(2)
    expect(received[0]?.headers['webhook-id']).toBe(received[1]?.headers['webhook-id'])
    expect(received[0]?.body).toBe(received[1]?.body)
  })

  it('when it dies after settling and before the retry is queued', async () => {
    const world = new World()
    const box = mailbox()
    const { id } = await anEndpoint(world, box.url('fail-times/1'))
    await aComment(world)
    await world.drain()
    world.loseQueue()
    const { delivery } = await settle(world, box, id)
    expect(delivery).toMatchObject({ status: 'delivered', attempt_count: 2 })
  })

  it('when the settling write fails for a moment: written on the next try, sent once', async () => {
    const world = new World()
    const box = mailbox()
    const { id } = await anEndpoint(world, box.url())
    await aComment(world)
    const [dispatch] = world.queued.splice(0)
    const { batch } = world.env.DB
    let calls = 0
    world.env.DB.batch = (statements) => {
      calls += 1
      if (calls === 2) throw new Error('D1_ERROR: Network connection lost.')
      return batch(statements) as never
    }
    expect(dispatch && (await world.consume(dispatch))).toBe(true)
    world.env.DB.batch = batch
    expect(await theDelivery(world, id)).toMatchObject({ status: 'delivered', attempt_count: 1 })
    expect(await box.received()).toHaveLength(1)
  })
})

describe('duplicates and latecomers', () => {
  it('a dispatch that comes twice sends once', async () => {
    const world = new World()
    const box = mailbox()
    await anEndpoint(world, box.url())
    await aComment(world)
    const [dispatch] = world.queued
    await world.drain()
    if (dispatch) await world.consume(dispatch)
    expect(await box.received()).toHaveLength(1)
  })

  it('a work order that comes again after it was done sends nothing', async () => {
    const world = new World()
    const box = mailbox()
    const { id } = await anEndpoint(world, box.url())
    await aComment(world)
    world.loseQueue()
    await world.sweep(later(LEASES_GONE))
    await world.drain()
    const message = await latestMessageId(world)
    await world.api('POST', `/api/messages/${message}/deliveries/${id}/retry`)
    const [order] = world.queued
    await world.drain()
    if (order) await world.consume(order)
    expect(await box.received()).toHaveLength(2)
    expect(await theDelivery(world, id)).toMatchObject({ attempt_count: 2 })
  })

  it('an order whose lease the sweep has taken over leaves the delivery to the new one', async () => {
    const world = new World()
    const box = mailbox()
    const { id } = await anEndpoint(world, box.url())
    await aComment(world)
    await world.drain()
    const message = await latestMessageId(world)
    await world.api('POST', `/api/messages/${message}/deliveries/${id}/retry`)
    await world.sweep(later(140_000))
    const [old, fresh] = world.queued.splice(0)
    if (old) await world.consume(old)
    expect(await box.received()).toHaveLength(1)
    if (fresh) await world.consume(fresh)
    expect(await box.received()).toHaveLength(2)
  })

  it('an order that comes late takes a new lease, so that the sweep does not send beside it', async () => {
    const world = new World()
    const box = mailbox()
    const { id } = await anEndpoint(world, box.url())
    await aComment(world)
    await world.drain()
    await world.api('PATCH', `/api/endpoints/${id}`, { url: box.url('late-500/900') })
    await world.api('POST', `/api/messages/${await latestMessageId(world)}/deliveries/${id}/retry`)
    const [order] = world.queued.splice(0)
    vi.setSystemTime(later(100_000))
    const now = Date.now()
    const consumed = order && world.consume(order)
    await vi.waitFor(async () => expect(await box.received()).toHaveLength(2))
    const lease = await env.DB.prepare('select next_attempt_at from deliveries').first<number>(
      'next_attempt_at'
    )
    expect(lease).toBeGreaterThanOrEqual(now + 130_000)
    await consumed
    vi.useRealTimers()
  })

  it('a backlog that is longer than a lease still drains', async () => {
    const world = new World()
    const box = mailbox()
    const { id } = await anEndpoint(world, box.url())
    await aComment(world)
    await world.drain()
    await world.api('POST', `/api/messages/${await latestMessageId(world)}/deliveries/${id}/retry`)
    const [old] = world.queued.splice(0)
    await world.sweep(later(140_000))
    world.loseQueue()
    vi.setSystemTime(later(240_000))
    if (old) await world.consume(old)
    vi.useRealTimers()
    expect(await theDelivery(world, id)).toMatchObject({ status: 'delivered', attempt_count: 2 })
  })

  it('an attempt that was settled is not settled again by a latecomer', async () => {
    const world = new World()
    const box = mailbox()
    const { id } = await anEndpoint(world, box.url('fail-times/1'))
    await aComment(world)
    const [dispatch] = world.queued.splice(0)
    if (dispatch) await world.consume(dispatch)
    const before = await theDelivery(world, id)
    const [retry] = world.queued.splice(0)
    const { settleDeliveries } = await import('../../../src/outbound/deliver/settle-store')
    const attempt = { status_code: 204 } as Parameters<
      typeof settleDeliveries
    >[1][number]['attempt']
    const state = {
      status: 'delivered',
      reason: null,
      trigger: 'auto',
      attempt_count: 1,
      step: 1,
      next_attempt_at: null,
    } as const
    const messageId = await latestMessageId(world)
    await settleDeliveries(world.env, [
      { endpoint_id: id, message_id: messageId, state, attempt, now: 1 },
    ]).run()
    expect(await theDelivery(world, id)).toEqual({ ...before, curl: expect.any(String) })
    vi.setSystemTime(later(7_000))
    if (retry) await world.consume(retry)
    vi.useRealTimers()
    expect(await theDelivery(world, id)).toMatchObject({ status: 'delivered', attempt_count: 2 })
  })

  it('more parked deliveries than a page are all let go', async () => {
    const world = new World()
    const { id } = await anEndpoint(world, mailbox().url())
    await world.api('POST', `/api/endpoints/${id}/disable`)
    await env.DB.prepare(
      `insert into deliveries (endpoint_id, message_id, status)
       with recursive n(i) as (select 1 union all select i + 1 from n where i < 650)
       select ?1, 'msg_' || printf('%026d', i), 'pending' from n`
    )
      .bind(id)
      .run()
    await world.api('POST', `/api/endpoints/${id}/enable`)
    for (let minute = 1; minute < 3; minute++) await world.sweep(later(minute * 60_000))
    const named = world.queued.flatMap(
      ({ body }) => (body as { deliveries: { message_id: string }[] }).deliveries
    )
    expect(named).toHaveLength(650)
    expect(named.map((ref) => ref.message_id)).toEqual(
      named.map((ref) => ref.message_id).toSorted()
    )
    expect(await env.DB.prepare('select resume_at from endpoints').first('resume_at')).toBeNull()
  })

  it('two sweeps at once hand out each delivery once', async () => {
    const world = new World()
    const box = mailbox()
    const { id } = await anEndpoint(world, box.url('fail-times/1'))
    await aComment(world)
    await world.drain()
    world.loseQueue()
    await Promise.all([world.sweep(later(LEASES_GONE)), world.sweep(later(LEASES_GONE))])
    expect(world.queued).toHaveLength(1)
    await world.drain()
    expect(await theDelivery(world, id)).toMatchObject({ status: 'delivered', attempt_count: 2 })
    expect(await box.received()).toHaveLength(2)
  })

  it('acknowledges what it cannot read, and says so in the log', async () => {
    const world = new World()
    expect(
      await world.consume({ queue: 'guesthook-fresh', body: { kind: 'nonsense' }, delaySeconds: 0 })
    ).toBe(true)
  })
})

/** From that many batches on, the process is dead: nothing it does reaches the database. */
function killAfter(db: D1Database, batches: number): D1Database['batch'] {
  const { batch } = db
  let calls = 0
  return (statements) => {
    calls += 1
    if (calls > batches) return Promise.reject(new Error('killed'))
    return batch(statements) as never
  }
}
