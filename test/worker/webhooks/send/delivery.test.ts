import { env } from 'cloudflare:workers'
import { Webhook } from 'standardwebhooks'
import { describe, expect, it, vi } from 'vitest'
import { RETRY_DELAYS_MS } from '../../../../src/webhooks/rules/delivering/retry-schedule'
import { aComment, anEndpoint, later, mailbox } from '../../../support/fixtures'
import { latestMessageId, messageIds, theDelivery, theEndpoint } from '../../../support/views'
import { World } from '../../../support/world'

describe('the delivery of a message', () => {
  it('reaches every endpoint, signed as Standard Webhooks requires', async () => {
    const world = new World()
    const boxes = [mailbox(), mailbox(), mailbox()]
    const endpoints = await Promise.all(boxes.map((box) => anEndpoint(world, box.url())))
    const comment = await aComment(world, {
      body: 'Grüße 👋 <b>"quoted"</b>',
      website: 'example.org',
    })
    await world.drain()
    const received = await Promise.all(boxes.map((box) => box.received()))
    expect(received.map((requests) => requests.length)).toEqual([1, 1, 1])
    const verified = received.flat().map(({ body, headers }, i) => {
      const text = Buffer.from(body, 'latin1').toString('utf8')
      return new Webhook(endpoints[i]?.secret ?? '').verify(text, headers)
    })
    const book = { slug: 'main', title: 'My Guestbook', url: 'https://guestbook.example.com/' }
    const payload = { type: 'comment.published', data: { comment, book } }
    expect(verified).toMatchObject([payload, payload, payload])
    const headers = {
      'content-type': 'application/json',
      'user-agent': expect.stringMatching(/^Guesthook\//),
    }
    expect(received.flat()).toMatchObject([{ headers }, { headers }, { headers }])
  })

  it('is retried on schedule with the same id and the same bytes, then fails', async () => {
    const world = new World()
    const box = mailbox()
    // The receiver accepts everything else. If it always failed, its breaker would open after five attempts.
    const { id, secret } = await anEndpoint(world, box.url('fail-if/poison'))
    await aComment(world, { body: 'poison' })
    await world.drain()
    const message_id = await latestMessageId(world)
    const attempts: { attempt_count: number; isOnSchedule: boolean }[] = []
    for (const delay of RETRY_DELAYS_MS) {
      const { attempt_count, next_attempt_at } = await theDelivery(world, id, message_id)
      const wait = Date.parse(next_attempt_at ?? '') - Date.now()
      attempts.push({ attempt_count, isOnSchedule: wait > delay - 5_000 && wait <= delay * 1.2 })
      world.loseQueue()
      await aComment(world)
      await world.drain()
      await world.sweep(later(wait + 1))
      await world.drain()
    }
    expect(attempts).toEqual(RETRY_DELAYS_MS.map((_, i) => ({ attempt_count: i + 1, isOnSchedule: true })))
    expect(await theDelivery(world, id, message_id)).toMatchObject({
      status: 'failed',
      reason: 'schedule_spent',
      attempt_count: 10,
      next_attempt_at: null,
    })
    const received = (await box.received()).filter(({ body }) => body.includes('poison'))
    expect(received).toHaveLength(10)
    expect(new Set(received.map((one) => one.headers['webhook-id'])).size).toBe(1)
    expect(new Set(received.map((one) => one.body)).size).toBe(1)
    for (const { body, headers } of received) new Webhook(secret).verify(body, headers)

    const path = `/api/messages/${message_id}/deliveries/${id}/retry`
    expect(await world.api('POST', path)).toMatchObject({ status: 202 })
    await world.drain()
    const again = await theDelivery(world, id, message_id)
    expect(again).toMatchObject({ status: 'pending', reason: 'retrying', attempt_count: 11 })
    expect(Date.parse(again.next_attempt_at ?? '') - Date.now()).toBeLessThanOrEqual(6_000)
  })

  it('resets the failures of its endpoint when it succeeds, even within one work order', async () => {
    const world = new World()
    const box = mailbox()
    const { id } = await anEndpoint(world, box.url('fail-times/1'))
    const health = async () => (await theEndpoint(world, id)).health
    await aComment(world)
    await world.drain()
    expect(await health()).toMatchObject({
      consecutive_failures: 1,
      failing_since: expect.any(String),
    })
    world.loseQueue()
    await world.sweep(later(7_000))
    await world.drain()
    const healthy = { consecutive_failures: 0, failing_since: null }
    expect(await health()).toMatchObject({ ...healthy, slow_until: null })

    await world.api('PATCH', `/api/endpoints/${id}`, { url: box.url('fail-times/1/again') })
    for (let i = 0; i < 3; i++) await aComment(world)
    world.loseQueue()
    await makeDue(id, (await messageIds(world)).slice(-3))
    await world.sweep(later(0))
    await world.drain()
    expect(await health()).toMatchObject(healthy)
  })

  it('is retried first by a delayed work order, and later by the sweep', async () => {
    const world = new World()
    const { id } = await anEndpoint(world, mailbox().url('fail-times/2'))
    await aComment(world)
    await world.drain()
    const [retry] = world.queued
    expect(retry).toMatchObject({ queue: 'guesthook-patient' })
    expect(retry?.delaySeconds).toBeGreaterThanOrEqual(5)
    expect(retry?.delaySeconds).toBeLessThanOrEqual(7)
    vi.setSystemTime(later(6_500))
    for (const order of world.queued.splice(0)) await world.consume(order)
    vi.useRealTimers()
    expect(world.queued).toEqual([])
    expect(await theDelivery(world, id)).toMatchObject({ status: 'pending', attempt_count: 2 })
    await world.sweep(later(7 * 60_000))
    await world.drain()
    expect(await theDelivery(world, id)).toMatchObject({
      status: 'delivered',
      attempt_count: 3,
      reason: null,
    })
  })

  it('does not count against the new URL of an endpoint if it was sent to the old one', async () => {
    const world = new World()
    const box = mailbox()
    const { id } = await anEndpoint(world, box.url('late-410/1500'))
    await aComment(world)
    const [dispatch] = world.queued.splice(0)
    const consumed = dispatch && world.consume(dispatch)
    await vi.waitFor(async () => expect(await box.received()).toHaveLength(1), { timeout: 20_000 })
    await world.api('PATCH', `/api/endpoints/${id}`, { url: box.url('ok') })
    await consumed
    expect(await theDelivery(world, id)).toMatchObject({ status: 'failed', reason: 'gone' })
    expect(await theEndpoint(world, id)).toMatchObject({
      status: 'enabled',
      health: { consecutive_failures: 0 },
    })
  })

  it('keeps the data that the owner published byte for byte, including special keys', async () => {
    const world = new World()
    const box = mailbox()
    await anEndpoint(world, box.url())
    const data = '{"__proto__":{"x":1},"constructor":2,"y":"\\ud800"}'
    const response = await world.request('/api/messages', {
      method: 'POST',
      headers: {
        Authorization: `Bearer ${world.env.ADMIN_TOKEN}`,
        'Content-Type': 'application/json',
      },
      body: `{"type":"a.b","data":${data}}`,
    })
    expect(response.status).toBe(201)
    await world.drain()
    expect((await box.received())[0]?.body).toContain(`"data":${data}`)
  })

  it('goes only to endpoints that subscribe to its event type', async () => {
    const world = new World()
    const [all, family, other, ping] = [mailbox(), mailbox(), mailbox(), mailbox()]
    await anEndpoint(world, all.url())
    await anEndpoint(world, family.url(), { event_types: ['invoice.*'] })
    await anEndpoint(world, other.url(), { event_types: ['comment.published', 'invoice'] })
    await anEndpoint(world, ping.url(), { event_types: ['ping'] })
    await world.api('POST', '/api/messages', { type: 'invoice.paid', data: { number: 42 } })
    await world.drain()
    const received = await Promise.all([all, family, other, ping].map((box) => box.received()))
    expect(received.map((requests) => requests.length)).toEqual([1, 1, 0, 0])
  })

  it('uses the patient lane if its endpoint is failing', async () => {
    const world = new World()
    await anEndpoint(world, mailbox().url('status/500'))
    await anEndpoint(world, mailbox().url('ok'))
    await aComment(world)
    await world.drain()
    world.loseQueue()
    await aComment(world)
    const [dispatch] = world.queued.splice(0)
    if (dispatch) await world.consume(dispatch)
    expect(world.queued).toMatchObject([
      { queue: 'guesthook-patient', body: { kind: 'attempt', deliveries: [{ attempt_count: 0 }] } },
    ])
  })

  it('is signed with both secrets during a rotation, and only with the new one afterwards', async () => {
    const world = new World()
    const box = mailbox()
    const { id, secret: old } = await anEndpoint(world, box.url())
    const rotated = await world.api<{ secret: string; previous_secret_expires_at: string }>(
      'POST',
      `/api/endpoints/${id}/secret/rotate`,
      { grace_seconds: 3_600 }
    )
    expect(Date.parse(rotated.body.previous_secret_expires_at)).toBeGreaterThan(later(3_590_000))
    await aComment(world)
    await world.drain()
    vi.setSystemTime(later(3_601_000))
    await aComment(world)
    await world.drain()
    vi.useRealTimers()
    await world.api('POST', `/api/endpoints/${id}/secret/rotate`, { grace_seconds: 0 })
    const { body } = await world.api<{ secret: string }>('GET', `/api/endpoints/${id}/secret`)
    await aComment(world)
    await world.drain()
    const [first, expired, second] = await box.received()
    expect(first?.headers['webhook-signature']).toMatch(/^v1,\S+ v1,\S+ v1a,\S+$/)
    expect(expired?.headers['webhook-signature']).toMatch(/^v1,\S+ v1a,\S+$/)
    const verify = (secret: string, request: typeof first) => () =>
      new Webhook(secret).verify(request?.body ?? '', request?.headers ?? {})
    expect(verify(old, first)).not.toThrow()
    expect(verify(rotated.body.secret, first)).not.toThrow()
    expect(verify(old, second)).toThrow()
    expect(verify(rotated.body.secret, second)).toThrow()
    expect(verify(body.secret, second)).not.toThrow()
  })

  it('works through the real queues, from the request to the receiver', async () => {
    const world = new World({ FRESH: env.FRESH, PATIENT: env.PATIENT })
    const box = mailbox()
    const { id } = await anEndpoint(world, box.url('fail-times/1'))
    await aComment(world)
    const delivered = { status: 'delivered', attempt_count: 2 }
    await vi.waitFor(async () => expect(await theDelivery(world, id)).toMatchObject(delivered), {
      timeout: 20_000,
      interval: 250,
    })
    expect(await box.received()).toHaveLength(2)
  })
})

/** Creates deliveries that have been due for a long time. */
async function makeDue(endpoint_id: string, message_ids: string[]): Promise<void> {
  const insert = env.DB.prepare(
    `insert into deliveries (endpoint_id, message_id, status, next_attempt_at) values (?1, ?2, 'pending', 1)`
  )
  await env.DB.batch(message_ids.map((message_id) => insert.bind(endpoint_id, message_id)))
}
