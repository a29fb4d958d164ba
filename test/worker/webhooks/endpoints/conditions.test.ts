import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { letPass } from '../../../support/clock'
import { aComment, aGuestComment, anEndpoint, later, mailbox, manyEndpoints } from '../../../support/fixtures'
import { latestMessageId } from '../../../support/views'
import { World } from '../../../support/world'

const LEASES_ENDED = 10 * 60_000

const countDeliveries = () => env.DB.prepare('select count(*) as n from deliveries').first<number>('n')
const rowsWritten = (world: World) => world.invocations.reduce((sum, { counts }) => sum + counts.rowsWritten, 0)

/** An endpoint that wants only entries with this name. */
const anEndpointFor = (world: World, name: string, more: Record<string, unknown> = {}) => {
  const box = mailbox()
  const made = anEndpoint(world, box.url(), { when: `data.comment.name == "${name}"`, ...more })
  return made.then((endpoint) => ({ ...endpoint, box }))
}

async function namesAt(box: ReturnType<typeof mailbox>): Promise<string[]> {
  return (await box.received()).map(({ body }) => JSON.parse(body).data.comment.name)
}

describe('an endpoint with a condition', () => {
  it('gets only the events for which it is true, and others get all', async () => {
    const world = new World()
    const [ada, bob, all] = [await anEndpointFor(world, 'Ada'), await anEndpointFor(world, 'Bob'), mailbox()]
    await anEndpoint(world, all.url())
    for (const name of ['Ada', 'Bob', 'Cy']) await aComment(world, { name })
    await world.drain()
    expect([await namesAt(ada.box), await namesAt(bob.box), await namesAt(all)]).toEqual([
      ['Ada'],
      ['Bob'],
      ['Ada', 'Bob', 'Cy'],
    ])
    expect(await countDeliveries()).toBe(5)
  })

  it('costs nothing if it does not want the event, and no read more than without a condition', async () => {
    const costs: number[][] = []
    for (const when of [null, 'data.comment.name == "Bob"']) {
      const world = new World()
      await env.DB.prepare('delete from endpoints').run()
      for (let i = 0; i < 3; i++) await anEndpoint(world, mailbox().url(), { when })
      await aGuestComment(world)
      await world.drain()
      world.invocations.length = 0
      await aGuestComment(world)
      await world.drain()
      costs.push([rowsWritten(world), world.worst((counts) => counts.d1RoundTrips)])
    }
    const [without = [], unwanted = []] = costs
    expect(without[0]).toBeLessThanOrEqual(6 + 4 * 3)
    expect(unwanted[0]).toBeLessThanOrEqual(6)
    expect(unwanted[1]).toBeLessThanOrEqual(3)
  })

  it('gets its tests, whatever the condition says', async () => {
    const world = new World()
    const { id, box } = await anEndpointFor(world, 'Bob')
    await world.api('POST', `/api/endpoints/${id}/test`, { type: 'comment.published' })
    expect(await namesAt(box)).toEqual(['Ada'])
  })

  it('is decided once if two workers dispatch a message at the same time', async () => {
    const world = new World()
    const { box } = await anEndpointFor(world, 'Ada')
    await anEndpointFor(world, 'Bob')
    await aComment(world)
    const [order] = world.queued.splice(0)
    if (!order) throw new Error('There is no order.')
    await Promise.all([world.consume(order), world.consume(order)])
    await world.drain()
    expect(await namesAt(box)).toEqual(['Ada'])
    expect(await countDeliveries()).toBe(1)
  })

  it.each([1, 2, 3])('gets its event although the process dies at call %i to the database', async (callsLeft) => {
    for (const isCommitted of [true, false]) {
      const world = new World()
      await env.DB.prepare('delete from endpoints').run()
      const ada = await anEndpointFor(world, 'Ada')
      const bob = await anEndpointFor(world, 'Bob')
      const all = mailbox()
      await anEndpoint(world, all.url())
      await aComment(world)
      world.recorder.death = { callsLeft, isCommitted }
      for (const order of world.queued.splice(0)) await world.consume(order).catch(() => undefined)
      delete world.recorder.death
      for (const times of [1, 2]) {
        await world.sweep(later(times * LEASES_ENDED))
        await world.drain()
      }
      expect(new Set(await namesAt(ada.box))).toEqual(new Set(['Ada']))
      expect(new Set(await namesAt(all))).toEqual(new Set(['Ada']))
      expect(await namesAt(bob.box)).toEqual([])
    }
  })
})

describe('a page of endpoints with conditions', () => {
  it('whose work is too much for one order is decided in several, and each endpoint gets the event once', async () => {
    const world = new World()
    const box = mailbox()
    const { ids } = await manyEndpoints(world, 20, () => box.url())
    const upper = '|upper|lower'.repeat(5)
    await env.DB.prepare(
      `update endpoints set "when" = 'data.comment.name' || ? || ' == "ada' || substr(id, -1) || '"'`
    )
      .bind(upper)
      .run()
    const wanted = ids.filter((id) => id.endsWith(ids[3]?.slice(-1) ?? ''))
    await aComment(world, { name: `Ada${ids[3]?.slice(-1)}`.toLowerCase() })
    await env.DB.prepare(`update endpoints set "when" = lower("when")`).run()
    world.invocations.length = 0
    await world.drain()
    expect(await countDeliveries()).toBe(wanted.length)
    expect(await box.received()).toHaveLength(wanted.length)
    // About three conditions with ten filters fit into one order.
    expect(world.invocations.length).toBeGreaterThanOrEqual(20 / 4)
    expect(world.worst()).toBeLessThanOrEqual(50)
  })
})

describe('a replay', () => {
  const since = () => new Date(Date.now() - 60_000).toISOString()

  it('counts and sends only messages for which the condition is true', async () => {
    const world = new World()
    for (let i = 0; i < 6; i++) await aComment(world, { name: i % 3 === 0 ? 'Ada' : 'Bob', body: `${i}` })
    await world.drain()
    const { id, box } = await anEndpointFor(world, 'Ada')
    const path = `/api/endpoints/${id}/replay`
    const request = { since: since(), only: 'missing' }
    const counted = await world.api('POST', path, { ...request, dry_run: true })
    expect(counted.body).toMatchObject({ count: 2, counted_all: true })
    await world.api('POST', path, request)
    await world.sweep(later(60_000))
    await world.drainDelayed()
    expect(await namesAt(box)).toEqual(['Ada', 'Ada'])
    expect(await countDeliveries()).toBe(2)
  })

  it('of long messages reads a limited number of characters in a page, and continues with the next one', async () => {
    const world = new World()
    await anEndpoint(world, mailbox().url(), { event_types: ['other'] })
    const text = 'x'.repeat(60_000)
    for (let n = 0; n < 20; n++) await world.api('POST', '/api/messages', { type: 'order.paid', data: { n, text } })
    const { id } = await anEndpoint(world, mailbox().url(), { when: 'data.n < 15' })
    const path = `/api/endpoints/${id}/replay`
    const { body } = await world.api<{ count: number }>('POST', path, {
      since: since(),
      only: 'missing',
      dry_run: true,
    })
    expect(body).toMatchObject({ count: 15, counted_all: true })
    expect(world.worst()).toBeLessThanOrEqual(50)
  })
})

describe('a pull', () => {
  it('returns only messages for which the condition is true, and goes on after the others', async () => {
    const world = new World()
    const { id } = await anEndpointFor(world, 'Ada')
    const { body } = await world.api<{ token: string }>('POST', `/api/endpoints/${id}/pull-token`)
    for (const name of ['Bob', 'Ada', 'Bob']) await aComment(world, { name })
    const last = await latestMessageId(world)
    letPass(1_100)
    const headers = { Authorization: `Bearer ${body.token}` }
    const pulled = await world.api<{ data: { body: string }[]; next: string }>(
      'GET',
      `/api/endpoints/${id}/messages`,
      undefined,
      headers
    )
    expect(pulled.body.data.map((one) => JSON.parse(one.body).data.comment.name)).toEqual(['Ada'])
    expect(pulled.body.next >= last).toBe(true)
  })
})
