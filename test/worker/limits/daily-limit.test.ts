import { env } from 'cloudflare:workers'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { DAY_MS } from '../../../src/kit/lib/time'
import { aComment, anEndpoint, mailbox } from '../../support/fixtures'
import { ownerBrowser, signAsGuest, withoutModeration } from '../../support/session'
import { aSource, post, theInbound } from '../../support/sources'
import { World } from '../../support/world'

const KINDS = ['read', 'write'] as const

/** @returns a guestbook with an endpoint that hears of entries, and a source */
async function aGuestbook() {
  const world = await withoutModeration(new World())
  const box = mailbox()
  const endpoint = await anEndpoint(world, box.url())
  const source = await aSource(world, 'unsigned')
  // An isolate that has been running: it knows its book and the keys of the day.
  await signAsGuest(world, {})
  await world.drain()
  return { world, box, endpoint, source }
}

async function countRows(): Promise<Record<string, unknown>> {
  const tables = ['comments', 'messages', 'deliveries', 'attempts', 'inbound_messages', 'inbound_chunks', 'jobs']
  const counts = tables.map((table) => `(select count(*) from ${table}) as ${table}`)
  return (await env.DB.prepare(`select ${counts.join(', ')}`).first()) ?? {}
}

/** @returns whether a time in seconds ends within a minute of midnight UTC */
function endsAtMidnight(header: string | null): boolean {
  const end = Date.now() + Number(header) * 1_000
  return Math.abs(end - Math.round(end / DAY_MS) * DAY_MS) < 60_000
}

describe.each(KINDS)('when the daily rows of the database are used up (%s)', (usedUp) => {
  afterEach(() => void vi.restoreAllMocks())

  it('every door that stores answers 503 until midnight, and stores nothing', async () => {
    vi.spyOn(console, 'error').mockReturnValue()
    const { world, source, endpoint } = await aGuestbook()
    const { post: submit } = await ownerBrowser(world)
    const before = await countRows()
    world.recorder.usedUp = usedUp
    const json = { 'Content-Type': 'application/json' }
    const owner = { ...json, Authorization: 'Bearer test-admin-token' }
    const responses = {
      page: await signAsGuest(world, { body: 'A text worth keeping' }),
      api: await world.request('/api/comments', { method: 'POST', headers: json, body: '{"name":"A","body":"B"}' }),
      inbound: await world.request(source.path, { method: 'POST', body: '{}' }),
      event: await world.request('/api/messages', {
        method: 'POST',
        headers: { ...owner, 'Idempotency-Key': 'one' },
        body: '{"type":"order.paid","data":{}}',
      }),
      replay: await world.request(`/api/endpoints/${endpoint.id}/replay`, {
        method: 'POST',
        headers: owner,
        body: JSON.stringify({ only: 'all', since: new Date(Date.now() - DAY_MS).toISOString() }),
      }),
      form: await submit('/admin/endpoints', { url: mailbox().url(), event_types: '*' }),
    }
    for (const [door, { status, headers }] of Object.entries(responses))
      expect([door, status, endsAtMidnight(headers.get('Retry-After'))]).toEqual([door, 503, true])
    expect(await responses.api.json()).toMatchObject({ code: 'database_limit' })
    if (usedUp === 'write') expect(await responses.page.text()).toContain('A text worth keeping')
    world.recorder.usedUp = undefined
    expect(await countRows()).toEqual(before)
  })

  it('queues and the sweep wait, no receiver is called in vain, and everything is done the next day', async () => {
    const logged = vi.spyOn(console, 'error').mockReturnValue()
    const { world, box, source } = await aGuestbook()
    await aComment(world)
    const { body } = await post(world, source.path, '{"n":1}')
    const waiting = world.queued.splice(0)
    const sent = world.sent.length
    world.recorder.usedUp = usedUp
    const acknowledged = await Promise.all(waiting.map((message) => world.consume(message)))
    expect(acknowledged).toEqual(waiting.map(() => false))
    await world.sweep(Date.now() + 10 * 60_000)
    await world.sweep(Date.now() + 11 * 60_000)
    expect(world.sent.slice(sent)).toEqual([])
    expect(logged.mock.calls.filter(([line]) => String(line).includes('sweep.fault'))).toEqual([])

    world.recorder.usedUp = undefined
    world.loseQueue()
    await world.sweep(Date.now() + DAY_MS)
    await world.drain()
    await world.sweep(Date.now() + DAY_MS + 60_000)
    await world.drain()
    const received = await box.received()
    expect(received.filter(({ body }) => body.includes('comment.published'))).toHaveLength(2)
    expect(await theInbound(world, body.id)).toMatchObject({ status: 'processed' })
  })

  it('a call that fails half-way through an order is not repeated before the next day', async () => {
    vi.spyOn(console, 'error').mockReturnValue()
    const { world } = await aGuestbook()
    await aComment(world)
    const [order] = world.queued.splice(0)
    if (!order) throw new Error('There is no work order.')
    world.recorder.usedUp = usedUp
    expect(await world.consume(order)).toBe(false)
    const counts = world.invocations.length
    expect(await world.consume(order)).toBe(false)
    expect(world.invocations[counts]?.counts).toMatchObject({ d1RoundTrips: 0, fetches: 0 })
  })
})

describe('the owner', () => {
  afterEach(() => void vi.restoreAllMocks())

  it('reads on every page of the dashboard that writing has ended for today, and the next day on the overview', async () => {
    vi.spyOn(console, 'error').mockReturnValue()
    const { world } = await aGuestbook()
    const { see } = await ownerBrowser(world)
    expect(await see('/admin')).not.toContain('daily limit')
    world.recorder.usedUp = 'write'
    await signAsGuest(world, {})
    for (const path of ['/admin', '/admin/endpoints', '/admin/settings'])
      expect(await see(path)).toMatch(/daily limit[^.]*writes/)
    world.recorder.usedUp = undefined
    await world.sweep(Date.now())
    expect(await see('/admin/endpoints')).not.toContain('daily limit')
    expect(await see('/admin')).toMatch(/daily limit[^.]*writes/)
  })
})
