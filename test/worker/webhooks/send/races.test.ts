import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { aComment, anEndpoint, later, mailbox } from '../../../support/fixtures'
import { justBefore } from '../../../support/meanwhile'
import { latestMessageId, theDelivery, theEndpoint } from '../../../support/views'
import { World } from '../../../support/world'

const CLOSING = /set breaker = 'closed', resume_at = stable_at, health_rev = \?1\s/

describe('between the release of the last page and the closing of the breaker', () => {
  it('a dispatched delivery is parked, so the breaker does not close', async () => {
    const world = new World()
    const box = mailbox()
    const { id } = await anEndpoint(world, box.url())
    await world.api('POST', `/api/endpoints/${id}/disable`)
    const hasCome = justBefore(world, CLOSING, async () => {
      await aComment(world)
      await world.drain()
      expect(await theDelivery(world, id)).toMatchObject({
        status: 'pending',
        next_attempt_at: null,
      })
    })
    await world.api('POST', `/api/endpoints/${id}/enable`)
    expect(hasCome()).toBe(true)
    expect((await theEndpoint(world, id)).health.breaker).toBe('draining')
    await world.sweep(later(60_000))
    await world.drainDelayed()
    expect(await theDelivery(world, id)).toMatchObject({ status: 'delivered' })
    expect((await theEndpoint(world, id)).health.breaker).toBe('closed')
  })

  it('a failure that opens the breaker is kept, although nothing is parked', async () => {
    const world = new World()
    const box = mailbox()
    const { id } = await anEndpoint(world, box.url('scripted'))
    await aComment(world)
    await world.drain()
    const path = `/api/messages/${await latestMessageId(world)}/deliveries/${id}/retry`
    await world.api('POST', `/api/endpoints/${id}/disable`)
    const hasCome = justBefore(world, CLOSING, async () => {
      // This is the last attempt of a delivery and the fifth failure in a row: the delivery fails, so it is not parked.
      await box.script('status/500')
      await world.api('POST', path)
      await env.DB.batch([
        env.DB.prepare('update deliveries set step = 9'),
        env.DB.prepare('update endpoints set consecutive_failures = 4'),
      ])
      await world.drain()
      expect(await theDelivery(world, id)).toMatchObject({
        status: 'failed',
        reason: 'schedule_spent',
      })
      expect((await theEndpoint(world, id)).health.breaker).toBe('open')
    })
    await world.api('POST', `/api/endpoints/${id}/enable`)
    expect(hasCome()).toBe(true)
    expect((await theEndpoint(world, id)).health.breaker).toBe('open')
  })
})
