import { env } from 'cloudflare:workers'
import { describe, expect, it, vi } from 'vitest'
import { aComment, anEndpoint, later, mailbox } from '../../../support/fixtures'
import { latestMessageId, theDelivery } from '../../../support/views'
import { World } from '../../../support/world'

const DAY = 86_400_000

/** An endpoint with one delivery that has failed once and is waiting for its retry. */
async function aFailedDelivery(behavior: string) {
  const world = new World()
  const box = mailbox()
  const { id } = await anEndpoint(world, box.url(behavior))
  await aComment(world)
  await world.drain()
  return { world, box, id, message_id: await latestMessageId(world) }
}

describe('a delivery to a disabled endpoint', () => {
  it('is parked when it is due, and sent when the endpoint is enabled, oldest first', async () => {
    const world = new World()
    const box = mailbox()
    const { id } = await anEndpoint(world, box.url('fail-times/3'))
    for (let i = 0; i < 3; i++) await aComment(world, { body: `number ${i}` })
    await world.drain()
    world.loseQueue()
    await world.api('POST', `/api/endpoints/${id}/disable`)
    await aComment(world, { body: 'missed while disabled' })
    await world.drain()
    await world.sweep(later(DAY))
    await world.drain()
    const { body } = await world.api<{ data: unknown[] }>('GET', `/api/endpoints/${id}/deliveries`)
    const parked = { status: 'pending', reason: 'endpoint_disabled', next_attempt_at: null }
    expect(body.data).toMatchObject([parked, parked, parked])
    await world.api('POST', `/api/endpoints/${id}/enable`)
    await world.drain()
    const received = (await box.received()).slice(3).map((one) => JSON.parse(one.body).data.comment.body)
    expect(received).toEqual(['number 0', 'number 1', 'number 2'])
  })

  it('is not parked if the endpoint is enabled after the work order was read', async () => {
    const { world, id } = await aFailedDelivery('fail-times/1')
    await world.api('POST', `/api/endpoints/${id}/disable`)
    vi.setSystemTime(later(7_000))
    const [order] = world.queued.splice(0)
    const { prepare } = world.env.DB
    let isEnabled = false
    world.env.DB.prepare = (sql) => {
      const statement = prepare(sql)
      if (!/join endpoints e on e\.id = j\.value/.test(sql)) return statement
      // The owner enables the endpoint between the statement that reads the order and the one that parks the delivery.
      return {
        bind: (...values: unknown[]) => ({
          run: async () => {
            isEnabled = true
            await world.api('POST', `/api/endpoints/${id}/enable`)
            return statement.bind(...values).run()
          },
        }),
      } as never
    }
    if (order) await world.consume(order)
    world.env.DB.prepare = prepare
    expect(isEnabled).toBe(true)
    vi.useRealTimers()
    await world.sweep(later(10 * 60_000))
    await world.drain()
    expect(await theDelivery(world, id)).toMatchObject({ status: 'delivered' })
  })
})

describe('a delivery to a deleted endpoint', () => {
  it('is canceled immediately if it is waiting for a retry', async () => {
    const { world, box, id, message_id } = await aFailedDelivery('status/500')
    world.loseQueue()
    await world.sweep(later(7_000))
    await world.drain()
    expect(await world.api('DELETE', `/api/endpoints/${id}`)).toMatchObject({ status: 204 })
    expect(await env.DB.prepare('select secrets from endpoints').first('secrets')).toBe('')
    expect(await theDelivery(world, id, message_id)).toMatchObject({
      status: 'canceled',
      reason: 'endpoint_deleted',
      curl: null,
    })
    expect(await box.received()).toHaveLength(2)
  })

  it('is canceled when it is due, if an attempt may have been under way', async () => {
    const { world, id, message_id } = await aFailedDelivery('status/500')
    await world.api('DELETE', `/api/endpoints/${id}`)
    expect(await theDelivery(world, id, message_id)).toMatchObject({ status: 'pending' })
    await world.sweep(later(DAY))
    await world.drain()
    expect(await theDelivery(world, id, message_id)).toMatchObject({ status: 'canceled' })
  })

  it('is canceled if it was parked', async () => {
    const { world, id, message_id } = await aFailedDelivery('status/500')
    world.loseQueue()
    await world.api('POST', `/api/endpoints/${id}/disable`)
    await world.sweep(later(DAY))
    await world.drain()
    expect(await theDelivery(world, id, message_id)).toMatchObject({
      reason: 'endpoint_disabled',
      next_attempt_at: null,
    })
    await world.api('DELETE', `/api/endpoints/${id}`)
    await world.sweep(later(DAY))
    await world.drain()
    expect(await theDelivery(world, id, message_id)).toMatchObject({
      status: 'canceled',
      reason: 'endpoint_deleted',
    })
  })
})
