import { describe, expect, it } from 'vitest'
import { anEndpoint, mailbox } from '../../../support/fixtures'
import { theDelivery } from '../../../support/views'
import { World } from '../../../support/world'

describe('a test send', () => {
  it('returns the attempt, whether it succeeded or failed, and is logged', async () => {
    const world = new World()
    const good = await anEndpoint(world, mailbox().url())
    const bad = await anEndpoint(world, mailbox().url('status/503'))
    expect(await world.api('POST', `/api/endpoints/${good.id}/test`)).toMatchObject({
      status: 200,
      body: {
        outcome: 'delivered',
        status_code: 200,
        response_excerpt: 'Thank you.',
        trigger: 'test',
        number: 1,
      },
    })
    const { body } = await world.api('POST', `/api/endpoints/${bad.id}/test`, {
      type: 'comment.published',
    })
    expect(body).toMatchObject({
      outcome: 'refused',
      status_code: 503,
      duration_ms: expect.any(Number),
    })
    const delivery = await theDelivery(world, bad.id, String(body.message_id))
    expect(delivery).toMatchObject({ status: 'failed', reason: 'test_failed', event_type: 'comment.published' })
    const { message_id: _, ...attempt } = body
    expect(delivery.attempts).toEqual([attempt])
    await world.sweep(Date.now() + 86_400_000)
    expect(world.queued).toEqual([])
  })

  it('is rate-limited, so that it cannot be used to probe other hosts', async () => {
    const world = new World()
    const { id } = await anEndpoint(world, mailbox().url())
    const statuses: number[] = []
    for (let i = 0; i < 45; i++) statuses.push((await world.api('POST', `/api/endpoints/${id}/test`)).status)
    expect(statuses[0]).toBe(200)
    expect(statuses.at(-1)).toBe(429)
  })
})
