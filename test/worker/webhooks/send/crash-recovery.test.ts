import { env } from 'cloudflare:workers'
import { describe, expect, it, vi } from 'vitest'
import { run } from '../../../../src/kit/db/statements'
import { type SettledDelivery, settleDeliveries } from '../../../../src/webhooks/send/deliver/store'
import { aComment, anEndpoint, later, mailbox } from '../../../support/fixtures'
import { latestMessageId, theDelivery } from '../../../support/views'
import { World } from '../../../support/world'

/** After this time, every lease has ended. */
const LEASES_ENDED = 10 * 60_000

/** Runs two sweeps after all leases have ended. */
async function recover(world: World, box: ReturnType<typeof mailbox>, id: string) {
  await world.sweep(later(LEASES_ENDED))
  await world.drain()
  await world.sweep(later(2 * LEASES_ENDED))
  await world.drain()
  const delivery = await theDelivery(world, id)
  return { delivery, received: await box.received() }
}

describe('no message is lost', () => {
  it('when the process dies after it stored the message, but before it sent the wake-up', async () => {
    const world = new World()
    const box = mailbox()
    const { id } = await anEndpoint(world, box.url())
    await aComment(world)
    world.loseQueue()
    const { delivery, received } = await recover(world, box, id)
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
    await world.sweep(later(LEASES_ENDED))
    world.queueFault = undefined
    const { delivery } = await recover(world, box, id)
    expect(delivery).toMatchObject({ status: 'delivered', attempt_count: 2 })
  })

  it('when wake-ups are lost again and again, and the sweep sends fewer and fewer', async () => {
    const world = new World()
    const box = mailbox()
    await anEndpoint(world, box.url())
    await aComment(world)
    const wokenAt: number[] = []
    for (let minute = 1; minute <= 240; minute++) {
      world.loseQueue()
      await world.sweep(later(minute * 60_000 + 5_000), 'imports')
      if (world.queued.length > 0) wokenAt.push(minute)
    }
    expect(wokenAt).toEqual([1, 2, 5, 10, 20, 40, 80, 140, 200])
    await world.sweep(later(265 * 60_000))
    await world.drain()
    expect(await box.received()).toHaveLength(1)
  })

  it('when the queue has refused everything for hours, and the next wake-up is lost as well', async () => {
    const world = new World()
    const box = mailbox()
    await anEndpoint(world, box.url())
    world.queueFault = new Error('Too Many Requests')
    await aComment(world)
    for (let minute = 1; minute <= 120; minute++) await world.sweep(later(minute * 60_000 + 5_000), 'imports')
    world.queueFault = undefined
    await world.sweep(later(121 * 60_000))
    expect(world.queued).toHaveLength(1)
    world.loseQueue()
    await world.sweep(later(122 * 60_000 + 5_000))
    await world.drain()
    expect(await box.received()).toHaveLength(1)
  })

  it('when no sweep has run for hours, and the wait between wake-ups starts at one minute', async () => {
    const world = new World()
    await anEndpoint(world, mailbox().url())
    await aComment(world)
    const queued: number[] = []
    for (const minute of [180, 181.5]) {
      world.loseQueue()
      await world.sweep(Date.now() + minute * 60_000)
      queued.push(world.queued.length)
    }
    expect(queued).toEqual([1, 1])
  })

  it('when the process dies after dispatching, but before sending', async () => {
    const world = new World()
    const box = mailbox()
    const { id } = await anEndpoint(world, box.url())
    await aComment(world)
    const { dispatchMessage } = await import('../../../../src/webhooks/send/deliver/dispatch')
    // The transaction is committed, but the code after it never runs.
    const dead = new World({ FRESH: world.env.FRESH })
    const message = { id: await latestMessageId(world), type: 'comment.published' }
    const realFetch = globalThis.fetch
    globalThis.fetch = () => Promise.reject(new Error('killed'))
    dead.env.DB.batch = killAfter(dead.env.DB, 1)
    const consumer = { lane: 'fresh', waitUntil: () => undefined, clock: () => Date.now() } as const
    await expect(dispatchMessage(dead.env, message, Date.now(), consumer)).rejects.toThrow('killed')
    globalThis.fetch = realFetch
    world.loseQueue()
    expect(await theDelivery(world, id)).toMatchObject({ status: 'pending', attempt_count: 0 })
    const { delivery, received } = await recover(world, box, id)
    expect(delivery.status).toBe('delivered')
    expect(received).toHaveLength(1)
  })

  it('when the process dies after sending, but before settling, and the same request is sent again', async () => {
    const world = new World()
    const box = mailbox()
    const { id } = await anEndpoint(world, box.url())
    await aComment(world)
    const [dispatch = nothingQueued()] = world.queued.splice(0)
    world.env.DB.batch = killAfter(world.env.DB, 1)
    // Whether the queue message is acknowledged depends on timing. When the lease ends, the delivery is due again.
    await world.consume(dispatch)
    world.env.DB.batch = new World().env.DB.batch
    const { delivery, received } = await recover(world, box, id)
    expect(delivery).toMatchObject({ status: 'delivered', attempt_count: 1 })
    expect(received).toHaveLength(2)
    expect(received[0]?.headers['webhook-id']).toBe(received[1]?.headers['webhook-id'])
    expect(received[0]?.body).toBe(received[1]?.body)
  })

  it('when the process dies after settling, but before it queued the retry', async () => {
    const world = new World()
    const box = mailbox()
    const { id } = await anEndpoint(world, box.url('fail-times/1'))
    await aComment(world)
    await world.drain()
    world.loseQueue()
    const { delivery } = await recover(world, box, id)
    expect(delivery).toMatchObject({ status: 'delivered', attempt_count: 2 })
  })

  it('when settling fails once, and is repeated without sending again', async () => {
    const world = new World()
    const box = mailbox()
    const { id } = await anEndpoint(world, box.url())
    await aComment(world)
    const [dispatch = nothingQueued()] = world.queued.splice(0)
    const { batch } = world.env.DB
    let calls = 0
    world.env.DB.batch = (statements) => {
      calls += 1
      if (calls === 2) throw new Error('D1_ERROR: Network connection lost.')
      return batch(statements) as never
    }
    expect(await world.consume(dispatch)).toBe(true)
    world.env.DB.batch = batch
    expect(await theDelivery(world, id)).toMatchObject({ status: 'delivered', attempt_count: 1 })
    expect(await box.received()).toHaveLength(1)
  })
})

describe('a queue message', () => {
  it('that arrives twice dispatches its message once', async () => {
    const world = new World()
    const box = mailbox()
    await anEndpoint(world, box.url())
    await aComment(world)
    const [dispatch = nothingQueued()] = world.queued
    await world.drain()
    await world.consume(dispatch)
    expect(await box.received()).toHaveLength(1)
  })

  it('that arrives again after its deliveries were settled sends nothing', async () => {
    const world = new World()
    const box = mailbox()
    const { id } = await anEndpoint(world, box.url())
    await aComment(world)
    world.loseQueue()
    await world.sweep(later(LEASES_ENDED))
    await world.drain()
    const message_id = await latestMessageId(world)
    await world.api('POST', `/api/messages/${message_id}/deliveries/${id}/retry`)
    const [order = nothingQueued()] = world.queued
    await world.drain()
    await world.consume(order)
    expect(await box.received()).toHaveLength(2)
    expect(await theDelivery(world, id)).toMatchObject({ attempt_count: 2 })
  })

  it('whose lease was taken over by the sweep leaves the delivery to the new work order', async () => {
    const world = new World()
    const box = mailbox()
    const { id } = await anEndpoint(world, box.url())
    await aComment(world)
    await world.drain()
    const message_id = await latestMessageId(world)
    await world.api('POST', `/api/messages/${message_id}/deliveries/${id}/retry`)
    await world.sweep(later(140_000))
    const [older = nothingQueued(), newer = nothingQueued()] = world.queued.splice(0)
    await world.consume(older)
    expect(await box.received()).toHaveLength(1)
    await world.consume(newer)
    expect(await box.received()).toHaveLength(2)
  })

  it('that arrives late takes a new lease, so that the sweep does not send at the same time', async () => {
    const world = new World()
    const box = mailbox()
    const { id } = await anEndpoint(world, box.url())
    await aComment(world)
    await world.drain()
    await world.api('PATCH', `/api/endpoints/${id}`, { url: box.url('late-500/900') })
    await world.api('POST', `/api/messages/${await latestMessageId(world)}/deliveries/${id}/retry`)
    const [order = nothingQueued()] = world.queued.splice(0)
    vi.setSystemTime(later(100_000))
    const now = Date.now()
    const consumed = world.consume(order)
    await vi.waitFor(async () => expect(await box.received()).toHaveLength(2), { timeout: 20_000 })
    const lease = await env.DB.prepare('select next_attempt_at from deliveries').first<number>('next_attempt_at')
    expect(lease).toBeGreaterThanOrEqual(now + 130_000)
    await consumed
    vi.useRealTimers()
  })

  it('that arrives after its lease has ended still sends, if the newer work order was lost', async () => {
    const world = new World()
    const box = mailbox()
    const { id } = await anEndpoint(world, box.url())
    await aComment(world)
    await world.drain()
    await world.api('POST', `/api/messages/${await latestMessageId(world)}/deliveries/${id}/retry`)
    const [older = nothingQueued()] = world.queued.splice(0)
    await world.sweep(later(140_000))
    world.loseQueue()
    vi.setSystemTime(later(240_000))
    await world.consume(older)
    vi.useRealTimers()
    expect(await theDelivery(world, id)).toMatchObject({ status: 'delivered', attempt_count: 2 })
  })

  it('that cannot be parsed is acknowledged', async () => {
    const world = new World()
    expect(await world.consume({ queue: 'guesthook-fresh', body: { kind: 'nonsense' }, delaySeconds: 0 })).toBe(true)
  })
})

describe('a settled attempt', () => {
  it('is not settled again by a late writer', async () => {
    const world = new World()
    const box = mailbox()
    const { id } = await anEndpoint(world, box.url('fail-times/1'))
    await aComment(world)
    const [dispatch = nothingQueued()] = world.queued.splice(0)
    await world.consume(dispatch)
    const before = await theDelivery(world, id)
    const [retry = nothingQueued()] = world.queued.splice(0)
    const late: SettledDelivery = {
      endpoint_id: id,
      message_id: await latestMessageId(world),
      status: 'delivered',
      reason: null,
      trigger: 'auto',
      attempt_count: 1,
      step: 1,
      next_attempt_at: null,
      last_status_code: 204,
      settled_at: 1,
    }
    expect(await run(settleDeliveries(world.env, [late]))).toBe(0)
    expect(await theDelivery(world, id)).toEqual({ ...before, curl: expect.any(String) })
    vi.setSystemTime(later(7_000))
    await world.consume(retry)
    vi.useRealTimers()
    expect(await theDelivery(world, id)).toMatchObject({ status: 'delivered', attempt_count: 2 })
  })
})

describe('the sweep', () => {
  it('releases all parked deliveries, page by page, in order', async () => {
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
    // The last sweep closes the breaker, when the last page has been sent.
    for (let minute = 1; minute <= 3; minute++) await world.sweep(later(minute * 60_000))
    const released = world.queued
      .flatMap(({ body }) => (body as { deliveries: { message_id: string }[] }).deliveries)
      .map(({ message_id }) => message_id)
    expect(released).toHaveLength(650)
    expect(released).toEqual(released.toSorted())
    expect(await env.DB.prepare('select resume_at from endpoints').first('resume_at')).toBeNull()
  })

  it('claims each delivery once, even if two sweeps run at the same time', async () => {
    const world = new World()
    const box = mailbox()
    const { id } = await anEndpoint(world, box.url('fail-times/1'))
    await aComment(world)
    await world.drain()
    world.loseQueue()
    await Promise.all([world.sweep(later(LEASES_ENDED)), world.sweep(later(LEASES_ENDED))])
    expect(world.queued).toHaveLength(1)
    await world.drain()
    expect(await theDelivery(world, id)).toMatchObject({ status: 'delivered', attempt_count: 2 })
    expect(await box.received()).toHaveLength(2)
  })
})

function nothingQueued(): never {
  throw new Error('Nothing is queued.')
}

/** Simulates a process that dies after a number of batches: no later batch reaches the database. */
function killAfter(db: D1Database, batches: number): D1Database['batch'] {
  const { batch } = db
  let calls = 0
  return (statements) => {
    calls += 1
    if (calls > batches) return Promise.reject(new Error('killed'))
    return batch(statements) as never
  }
}
