import { env } from 'cloudflare:workers'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { nextDigest } from '../../../../src/webhooks/rules/delivering/pace'
import { aComment, anEndpoint, mailbox } from '../../../support/fixtures'
import { tablesWith } from '../../../support/search'
import { ownerBrowser } from '../../../support/session'
import { latestMessageId, theDelivery, theEndpoint } from '../../../support/views'
import { BASE, World } from '../../../support/world'

const HOUR = 3_600_000
const DAY = 24 * HOUR

afterEach(() => void vi.useRealTimers())

/** An endpoint whose digest is due in two to three hours. */
async function aDigest(world: World, more: Record<string, unknown> = {}) {
  const box = mailbox()
  const hour = new Date(Date.now() + 3 * HOUR).getUTCHours()
  const options = { format: 'ntfy', digest: 'daily', digest_hour: hour, event_types: ['comment.*'], ...more }
  const { id } = await anEndpoint(world, box.services.ntfy, options)
  const received = async () => (await box.received()).map(({ body }) => JSON.parse(body) as Record<string, string>)
  return { id, box, hour, received }
}

/** Runs a sweep at a time, and what it sends. */
async function sweepAt(world: World, at: number): Promise<void> {
  vi.setSystemTime(at)
  await world.sweep(at)
  await world.drain()
}

async function sign(world: World, ...bodies: string[]): Promise<void> {
  for (const body of bodies) await aComment(world, { body })
  await world.drain()
}

const statuses = async () => {
  const { results } = await env.DB.prepare('select status, reason from deliveries order by message_id').all()
  return results.map(({ status, reason }) => reason ?? status)
}

/** The bodies of a digest's entries. Entries of the same millisecond have no order. */
function eventsOf(message = ''): string[] {
  return message
    .split('\n')
    .map((line) => line.replace(/^.*: /, ''))
    .sort()
}

describe('a daily digest', () => {
  it('takes up what a replay finds, although something happens every day', async () => {
    const world = new World({ PUBLIC_URL: BASE })
    await sign(world, 'missed')
    const { id, hour, received } = await aDigest(world)
    await sign(world, 'new')
    const since = new Date(Date.now() - DAY).toISOString()
    await world.api('POST', `/api/endpoints/${id}/replay`, { only: 'missing', since })
    const due = nextDigest(hour, Date.now())
    await sweepAt(world, due - 60_000)
    await sweepAt(world, due + 1_000)
    const [digest] = await received()
    expect(eventsOf(digest?.message)).toEqual(['missed', 'new'])
    expect(await env.DB.prepare('select state from jobs').first('state')).toBe('done')
  })

  it('is one message at its hour that reports every event since the last one, newest first', async () => {
    const world = new World({ PUBLIC_URL: BASE })
    const { id, hour, received } = await aDigest(world)
    await sign(world, 'one', 'two', 'three')
    const due = nextDigest(hour, Date.now())
    expect(await theEndpoint(world, id)).toMatchObject({ digest: 'daily', health: { breaker: 'held' } })
    await sweepAt(world, due - 60_000)
    expect(await received()).toEqual([])
    await sweepAt(world, due + 1_000)
    const [message, ...others] = await received()
    expect(others).toEqual([])
    expect(message?.title).toBe('Your guestbook today: 3 events')
    expect(message?.message).toMatch(/^• .*My Guestbook: three\n.*: two\n.*: one$/)
    expect(message?.click).toBe(`${BASE}/admin`)
    expect(await statuses()).toEqual(['coalesced', 'coalesced', 'delivered'])
    expect((await theEndpoint(world, id)).health.resume_at).toBe(new Date(due + DAY).toISOString())

    await sign(world, 'four')
    vi.setSystemTime(due + HOUR)
    await sign(world, 'five')
    await sweepAt(world, due + DAY + 1_000)
    expect((await received())[1]?.message).toMatch(/^.*: five\n.*: four$/)
    await sweepAt(world, due + 2 * DAY + 1_000)
    await sweepAt(world, due + 3 * DAY + 1_000)
    expect(await received()).toHaveLength(2)
  })

  it('of one event is the event itself', async () => {
    const world = new World({ PUBLIC_URL: BASE })
    const { hour, received } = await aDigest(world)
    await sign(world, 'only one')
    await sweepAt(world, nextDigest(hour, Date.now()) + 1_000)
    expect(await received()).toMatchObject([{ title: expect.stringMatching(/Ada.*My Guestbook/), message: 'only one' }])
  })

  it('lists the newest 50 events, and counts the others', async () => {
    const world = new World({ PUBLIC_URL: BASE })
    const { hour, box } = await aDigest(world, { format: 'slack', event_types: ['order.paid'] })
    await world.api('PATCH', `/api/endpoints/${(await theEndpointId(world)) ?? ''}`, { url: box.url() })
    for (let n = 1; n <= 53; n++) await world.api('POST', '/api/messages', { type: 'order.paid', data: { n } })
    await world.drain()
    await sweepAt(world, nextDigest(hour, Date.now()) + 1_000)
    const [request] = await box.received()
    const [header, section] = JSON.parse(Buffer.from(request?.body ?? '', 'latin1').toString()).blocks
    expect(header.text.text).toBe('Your guestbook today: 53 events')
    const lines = section.text.text.split('\n')
    expect(lines).toHaveLength(51)
    expect([lines[0], lines[49], lines[50]]).toEqual([
      expect.stringContaining('"n": 53'),
      expect.stringContaining('"n": 4'),
      '… and 3 more',
    ])
    expect(world.worst()).toBeLessThanOrEqual(50)
  })

  it('that fails is retried with the same events and what has happened since, and reports nothing twice', async () => {
    const world = new World({ PUBLIC_URL: BASE })
    const { id, box, hour, received } = await aDigest(world)
    await sign(world, 'one', 'two')
    const due = nextDigest(hour, Date.now())
    await box.script('status/500')
    await sweepAt(world, due + 1_000)
    expect(await received()).toHaveLength(1)
    await sign(world, 'three')
    await box.script('status/200')
    await sweepAt(world, due + 60_000)
    const messages = (await received()).map(({ message }) => message)
    expect(messages).toHaveLength(2)
    expect(messages[1]).toMatch(/^.*: three\n.*: two\n.*: one$/)
    await sign(world, 'four')
    await sweepAt(world, due + DAY + 1_000)
    expect((await received())[2]?.message).toBe('four')
    const path = `/admin/messages/${await latestMessageId(world)}/deliveries/${id}`
    expect(await (await ownerBrowser(world)).see(path)).toContain('four')
  })

  it('that waits for its retry still reports every event, after a retry of an older message has arrived', async () => {
    const world = new World({ PUBLIC_URL: BASE })
    const { id, box, hour, received } = await aDigest(world)
    await sign(world, 'older')
    const due = nextDigest(hour, Date.now())
    await sweepAt(world, due + 1_000)
    const older = await latestMessageId(world)
    vi.setSystemTime(due + HOUR)
    await sign(world, 'one', 'two', 'three')
    await box.script('status/500')
    await sweepAt(world, due + DAY + 1_000)
    await box.script('status/200')
    vi.setSystemTime(due + DAY + 2_000)
    await world.api('POST', `/api/messages/${older}/deliveries/${id}/retry`)
    await world.drain()
    expect((await received()).at(-1)?.message).toBe('older')
    await sweepAt(world, due + 2 * DAY + 1_000)
    expect(eventsOf((await received()).at(-1)?.message)).toEqual(['one', 'three', 'two'])
  })

  it('is not what the log shows for a test, which is sent as it is', async () => {
    const world = new World({ PUBLIC_URL: BASE })
    const { id, box } = await aDigest(world)
    await sign(world, 'one', 'two')
    await env.DB.prepare(`update deliveries set status = 'failed', next_attempt_at = null, settled_at = ?`)
      .bind(1)
      .run()
    const { body: test } = await world.api<{ message_id: string }>('POST', `/api/endpoints/${id}/test`, {})
    const path = `/api/messages/${test.message_id}/deliveries/${id}`
    const { body } = await world.api<{ request: { body: string }; curl: string }>('GET', path)
    const [arrived] = await box.received()
    expect(body.request.body).toBe(arrived?.body)
    expect(body.request.body).not.toContain('Ada signed')
  })

  it('that failed for good is part of the next one', async () => {
    const world = new World({ PUBLIC_URL: BASE })
    const { box, hour, received } = await aDigest(world)
    await sign(world, 'one', 'two')
    const due = nextDigest(hour, Date.now())
    await box.script('status/500')
    await sweepAt(world, due + 1_000)
    await env.DB.prepare(
      `update deliveries set status = 'failed', next_attempt_at = null, settled_at = ? where status = 'pending'`
    )
      .bind(due + 2_000)
      .run()
    await box.script('status/200')
    vi.setSystemTime(due + HOUR)
    await sign(world, 'three')
    await sweepAt(world, due + DAY + 1_000)
    expect(eventsOf((await received()).at(-1)?.message)).toEqual(['one', 'three', 'two'])
    vi.setSystemTime(due + DAY + HOUR)
    await sign(world, 'four')
    await sweepAt(world, due + 2 * DAY + 1_000)
    expect((await received()).at(-1)?.message).toBe('four')
  })

  it('counts all events that it covers, also more than it could list', async () => {
    const world = new World({ PUBLIC_URL: BASE })
    const { id, hour, received } = await aDigest(world)
    await sign(world, 'one')
    await env.DB.batch([
      env.DB.prepare(
        `insert into messages (id, type, created_at, dispatched_at, payload)
         with recursive n(i) as (select 1 union all select i + 1 from n where i < 1200)
         select 'msg_' || printf('%026d', i), 'ping', 1, 1, '{"type":"ping","data":{}}' from n`
      ),
      env.DB.prepare(
        `insert into deliveries (endpoint_id, message_id, status)
         select ?, id, 'pending' from messages where type = 'ping'`
      ).bind(id),
    ])
    await sweepAt(world, nextDigest(hour, Date.now()) + 1_000)
    const [message, ...others] = await received()
    expect(message?.title).toBe('Your guestbook today: 1201 events')
    expect(others).toEqual([])
    expect(await env.DB.prepare(`select count(*) as n from deliveries where status = 'pending'`).first('n')).toBe(0)
    expect(world.worst()).toBeLessThanOrEqual(50)
  })

  it('leaves out what was deleted, and still reports the rest if its own event was deleted', async () => {
    const world = new World({ PUBLIC_URL: BASE })
    const { box, hour, received } = await aDigest(world)
    const due = nextDigest(hour, Date.now())
    const entries = [await aComment(world, { body: 'gone' }), await aComment(world, { body: 'stays' })]
    const last = await aComment(world, { body: 'gone too' })
    await world.drain()
    await world.api('DELETE', `/api/comments/${entries[0]?.id}`)
    await box.script('status/500')
    await sweepAt(world, due + 1_000)
    await world.api('DELETE', `/api/comments/${last.id}`)
    await box.script('status/200')
    await sweepAt(world, due + 60_000)
    await sweepAt(world, due + DAY)
    const sent = (await received()).slice(1).map(({ message }) => message)
    expect(sent.join('\n')).toContain(': stays')
    expect(sent.join('\n')).not.toContain('gone')
  })

  it('leaves no words of a deleted entry in the stored response of a receiver', async () => {
    const world = new World({ PUBLIC_URL: BASE })
    const { id, box, hour } = await aDigest(world, { format: 'slack' })
    await world.api('PATCH', `/api/endpoints/${id}`, { url: box.url('echo') })
    const [one] = [await aComment(world, { body: 'unrepeatable' }), await aComment(world, { body: 'another' })]
    await world.drain()
    await sweepAt(world, nextDigest(hour, Date.now()) + 1_000)
    expect(JSON.stringify(await box.received())).toContain('unrepeatable')
    await world.api('DELETE', `/api/comments/${one.id}`)
    await world.drain()
    expect(await tablesWith('unrepeatable')).toEqual([])
  })

  it.each([2, 3, 6])('reports every event although the process dies at call %i', async (callsLeft) => {
    const world = new World({ PUBLIC_URL: BASE })
    const { id, hour, received } = await aDigest(world)
    await sign(world, 'one', 'two')
    const due = nextDigest(hour, Date.now())
    vi.setSystemTime(due + 1_000)
    world.recorder.death = { callsLeft, isCommitted: true }
    world.queued.push({ queue: 'guesthook-patient', body: { kind: 'resume', endpoint_id: id }, delaySeconds: 0 })
    for (let order = world.queued.shift(); order; order = world.queued.shift())
      await world.consume(order).catch(() => undefined)
    delete world.recorder.death
    for (const minute of [10, 20, 40]) await sweepAt(world, due + minute * 60_000)
    const text = (await received()).map(({ message }) => message).join('\n')
    for (const body of ['one', 'two']) expect(text).toContain(`: ${body}`)
  })

  it('is only for formats that people read, and has an hour only if it is on', async () => {
    const world = new World()
    const { id } = await aDigest(world)
    const change = (fields: Record<string, unknown>) => world.api('PATCH', `/api/endpoints/${id}`, fields)
    expect((await change({ format: 'standard' })).status).toBe(422)
    expect((await change({ digest_hour: 24 })).status).toBe(422)
    expect((await change({ digest_hour: 5 })).body).toMatchObject({ digest: 'daily', digest_hour: 5 })
    const off = { digest: 'off', digest_hour: null, min_interval_minutes: null }
    expect((await change({ digest: 'off' })).body).toMatchObject(off)
    expect((await change({ digest_hour: 5 })).status).toBe(422)
    expect((await change({ digest: 'daily' })).body).toMatchObject({ digest: 'daily', digest_hour: 8 })
    const program = { url: mailbox().url(), digest: 'daily' }
    expect((await world.api('POST', '/api/endpoints', program)).status).toBe(422)
  })

  it('that is turned off sends what was waiting, one by one', async () => {
    const world = new World({ PUBLIC_URL: BASE })
    const { id, received } = await aDigest(world)
    await sign(world, 'one', 'two')
    expect((await theDelivery(world, id)).reason).toBe('paced')
    await world.api('PATCH', `/api/endpoints/${id}`, { digest: 'off' })
    await world.drainDelayed()
    expect((await received()).map(({ message }) => message)).toEqual(['one', 'two'])
  })

  it('is set in the form of the endpoint', async () => {
    const world = new World()
    const { id, box } = await aDigest(world)
    const browser = await ownerBrowser(world)
    const fields = { url: box.services.ntfy, event_types: '*', format: 'ntfy', rate_limit: '300' }
    await browser.post(`/admin/endpoints/${id}`, { ...fields, digest: 'daily', digest_hour: '17' })
    expect(await theEndpoint(world, id)).toMatchObject({ digest: 'daily', digest_hour: 17 })
    await browser.post(`/admin/endpoints/${id}`, fields)
    expect(await theEndpoint(world, id)).toMatchObject({ digest: 'off' })
  })
})

async function theEndpointId(world: World): Promise<string | undefined> {
  const { body } = await world.api<{ data: { id: string }[] }>('GET', '/api/endpoints')
  return body.data[0]?.id
}
