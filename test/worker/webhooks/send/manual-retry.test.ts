import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { aComment, anEndpoint, later, mailbox } from '../../../support/fixtures'
import { ownerBrowser } from '../../../support/session'
import { latestMessageId, theDelivery, theEndpoint } from '../../../support/views'
import { World } from '../../../support/world'

/** The path that retries the delivery of the latest message. */
async function retryPath(world: World, endpoint_id: string): Promise<string> {
  return `/api/messages/${await latestMessageId(world)}/deliveries/${endpoint_id}/retry`
}

describe('a manual retry', () => {
  it('is the next attempt of the same delivery', async () => {
    const world = new World()
    const box = mailbox()
    const { id } = await anEndpoint(world, box.url('ok'))
    await aComment(world)
    await world.drain()
    const path = await retryPath(world, id)
    const body = { status: 'pending' }
    expect(await world.api('POST', path)).toMatchObject({ status: 202, body })
    expect(await world.api('POST', path)).toMatchObject({ status: 200, body })
    await world.drain()
    const delivery = await theDelivery(world, id)
    expect(delivery).toMatchObject({ status: 'delivered', attempt_count: 2 })
    expect(delivery.attempts.map(({ number, trigger }) => [number, trigger])).toEqual([
      [2, 'manual'],
      [1, 'auto'],
    ])
    const message_id = await latestMessageId(world)
    const received = await box.received()
    expect(received.map((one) => one.headers['webhook-id'])).toEqual([message_id, message_id])
  })

  it('starts the schedule again after the delivery has failed', async () => {
    const world = new World()
    const { id } = await anEndpoint(world, mailbox().url('status/410'))
    await aComment(world)
    await world.drain()
    const path = await retryPath(world, id)
    expect(await world.api('POST', path)).toMatchObject({
      status: 409,
      body: { code: 'endpoint_disabled' },
    })
    await env.DB.prepare(`update endpoints set disabled_reason = 'awaiting_approval'`).run()
    for (const one of [path, `/api/endpoints/${id}/replay`])
      expect(
        await world.api('POST', one, one === path ? undefined : { only: 'failed', since: '2000-01-01T00:00:00Z' })
      ).toMatchObject({
        status: 409,
        body: { code: 'endpoint_disabled', detail: expect.stringContaining('approved') },
      })
    await world.api('POST', `/api/endpoints/${id}/enable`)
    await world.api('PATCH', `/api/endpoints/${id}`, { url: mailbox().url('status/500') })
    await world.api('POST', path)
    await world.drain()
    expect(await theDelivery(world, id)).toMatchObject({
      status: 'pending',
      reason: 'retrying',
      attempt_count: 2,
    })
  })

  it('sends a scheduled delivery immediately, but only with the option hasten', async () => {
    const world = new World()
    const box = mailbox()
    const { id } = await anEndpoint(world, box.url('status/500'))
    await aComment(world)
    await world.drain()
    world.loseQueue()
    await world.sweep(later(7_000))
    await world.drain()
    const before = await theDelivery(world, id)
    expect(before).toMatchObject({ status: 'pending', attempt_count: 2 })
    await world.api('PATCH', `/api/endpoints/${id}`, { url: box.url('ok') })
    const path = await retryPath(world, id)
    expect(await world.api('POST', path)).toMatchObject({ status: 200 })
    expect((await theDelivery(world, id)).next_attempt_at).toBe(before.next_attempt_at)
    expect(world.queued).toEqual([])
    // The reason is null, because the delivery is no longer waiting for a retry.
    const hastened = await world.api('POST', path, { hasten: true })
    expect(hastened).toMatchObject({ status: 202, body: { status: 'pending', reason: null } })
    expect(await world.api('POST', path, { hasten: true })).toMatchObject({ status: 200 })
    await world.drain()
    const delivery = await theDelivery(world, id)
    expect(delivery).toMatchObject({ status: 'delivered', attempt_count: 3 })
    expect(delivery.attempts[0]).toMatchObject({ trigger: 'manual' })
  })

  it('is not possible for a test, which would become a real delivery', async () => {
    const world = new World()
    const box = mailbox()
    const { id } = await anEndpoint(world, box.url('scripted'))
    const owner = await ownerBrowser(world)
    for (const behavior of ['status/500', 'ok']) {
      await box.script(behavior)
      await world.api('POST', `/api/endpoints/${id}/test`, { type: 'comment.published' })
      const path = await retryPath(world, id)
      expect(await world.api('POST', path)).toMatchObject({ status: 409, body: { code: 'test' } })
      expect(await world.api('POST', path, { hasten: true })).toMatchObject({ status: 409 })
      const message = await latestMessageId(world)
      for (const page of [`/admin/messages/${message}`, `/admin/messages/${message}/deliveries/${id}`])
        expect(await owner.see(page)).not.toContain('/retry"')
    }
    await world.drain()
    expect(await box.received()).toHaveLength(2)
    expect(await theEndpoint(world, id)).toMatchObject({ health: { breaker: 'closed', consecutive_failures: 0 } })
  })

  it('does not change a pending delivery of a disabled endpoint', async () => {
    const world = new World()
    const { id } = await anEndpoint(world, mailbox().url('status/500'))
    await aComment(world)
    await world.drain()
    await world.api('POST', `/api/endpoints/${id}/disable`)
    const path = await retryPath(world, id)
    expect(await world.api('POST', path)).toMatchObject({
      status: 200,
      body: { status: 'pending' },
    })
    expect(await world.api('POST', path, { hasten: true })).toMatchObject({ status: 409 })
  })
})
