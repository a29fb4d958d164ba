import { describe, expect, it } from 'vitest'
import {
  aComment,
  anEndpoint,
  later,
  latestMessageId,
  mailbox,
  theDelivery,
  World,
} from '../support/world'

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

  it('when it dies after dispatching and before sending', async () => {
    const world = new World()
    const box = mailbox()
    const { id } = await anEndpoint(world, box.url())
    await aComment(world)
    const { dispatchMessage } = await import('../../src/deliveries/dispatch')
    // The transaction is done; what would follow never runs.
    const dead = new World({ FRESH: world.env.FRESH })
    const message = { id: await latestMessageId(world), type: 'comment.published' }
    const realFetch = globalThis.fetch
    globalThis.fetch = () => Promise.reject(new Error('killed'))
    dead.env.DB.batch = killAfter(dead.env.DB, 1)
    await expect(dispatchMessage(dead.env, message, Date.now())).rejects.toThrow('killed')
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
    expect(dispatch && (await world.consume(dispatch))).toBe(false)
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
    await world.sweep(later(100_000))
    const [old, fresh] = world.queued.splice(0)
    if (old) await world.consume(old)
    expect(await box.received()).toHaveLength(1)
    if (fresh) await world.consume(fresh)
    expect(await box.received()).toHaveLength(2)
  })

  it('two sweeps at once hand out each delivery once', async () => {
    const world = new World()
    const box = mailbox()
    const { id } = await anEndpoint(world, box.url('fail-times/1'))
    await aComment(world)
    await world.drain()
    world.loseQueue()
    await Promise.all([world.sweep(later(LEASES_GONE)), world.sweep(later(LEASES_GONE))])
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
