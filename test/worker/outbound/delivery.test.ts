import { env } from 'cloudflare:workers'
import { Webhook } from 'standardwebhooks'
import { describe, expect, it, vi } from 'vitest'
import { RETRY_DELAYS_MS } from '../../../src/core/delivering/retry-schedule'
import {
  aComment,
  anEndpoint,
  later,
  latestMessageId,
  mailbox,
  messageIds,
  theDelivery,
  theEndpoint,
  World,
} from '../../support/world'

const DAY = 86_400_000

describe('the outgoing journey', () => {
  it('tells every endpoint about a comment, signed as Standard Webhooks says', async () => {
    const world = new World()
    const boxes = [mailbox(), mailbox(), mailbox()]
    const endpoints = await Promise.all(boxes.map((box) => anEndpoint(world, box.url())))
    const comment = await aComment(world, {
      body: 'Grüße 👋 <b>"quoted"</b>',
      website: 'example.org',
    })
    await world.drain()
    for (const [i, box] of boxes.entries()) {
      const [request, ...more] = await box.received()
      expect(more).toEqual([])
      const body = Buffer.from(request?.body ?? '', 'latin1').toString('utf8')
      const verified = new Webhook(endpoints[i]?.secret ?? '').verify(body, request?.headers ?? {})
      expect(verified).toMatchObject({
        type: 'comment.published',
        data: {
          comment,
          book: { slug: 'main', title: 'My Guestbook', url: 'https://guestbook.example.com/' },
        },
      })
      expect(request?.headers['content-type']).toBe('application/json')
      expect(request?.headers['user-agent']).toMatch(/^Guesthook\//)
    }
  })

  it('retries along the schedule with the same id and the same bytes, then gives up', async () => {
    const world = new World()
    const box = mailbox()
    // It takes everything but this one: an endpoint that takes nothing would be left alone after the fifth attempt.
    const { id, secret } = await anEndpoint(world, box.url('fail-if/poison'))
    await aComment(world, { body: 'poison' })
    await world.drain()
    const message = await latestMessageId(world)
    for (let attempt = 1; attempt <= 10; attempt++) {
      const delivery = await theDelivery(world, id, message)
      expect(delivery.attempt_count).toBe(attempt)
      const delay = RETRY_DELAYS_MS[attempt - 1]
      if (delay === undefined) break
      const wait = Date.parse(delivery.next_attempt_at ?? '') - Date.now()
      expect(wait).toBeGreaterThan(delay - 5_000)
      expect(wait).toBeLessThanOrEqual(delay * 1.2)
      world.loseQueue()
      await aComment(world)
      await world.drain()
      await world.sweep(later(wait + 1))
      await world.drain()
    }
    expect(await theDelivery(world, id, message)).toMatchObject({
      status: 'failed',
      reason: 'schedule_spent',
      next_attempt_at: null,
    })
    const received = (await box.received()).filter(({ body }) => body.includes('poison'))
    expect(received).toHaveLength(10)
    expect(new Set(received.map((one) => one.headers['webhook-id'])).size).toBe(1)
    expect(new Set(received.map((one) => one.body)).size).toBe(1)
    for (const { body, headers } of received) new Webhook(secret).verify(body, headers)

    const path = `/api/messages/${message}/deliveries/${id}/retry`
    expect(await world.api('POST', path)).toMatchObject({ status: 202 })
    await world.drain()
    const again = await theDelivery(world, id, message)
    expect(again).toMatchObject({ status: 'pending', reason: 'retrying', attempt_count: 11 })
    expect(Date.parse(again.next_attempt_at ?? '') - Date.now()).toBeLessThanOrEqual(6_000)
  })

  it('forgets failures at the first success, in the same order too', async () => {
    const world = new World()
    const box = mailbox()
    const { id } = await anEndpoint(world, box.url('fail-times/1'))
    const health = async () => (await world.api('GET', `/api/endpoints/${id}`)).body.health
    await aComment(world)
    await world.drain()
    expect(await health()).toMatchObject({
      consecutive_failures: 1,
      failing_since: expect.any(String),
    })
    world.loseQueue()
    await world.sweep(later(7_000))
    await world.drain()
    expect(await health()).toMatchObject({
      consecutive_failures: 0,
      failing_since: null,
      slow_until: null,
    })

    await world.api('PATCH', `/api/endpoints/${id}`, { url: box.url('fail-times/1/again') })
    for (let i = 0; i < 3; i++) await aComment(world)
    world.loseQueue()
    const messages = await env.DB.prepare('select id from messages order by id desc limit 3').all<{
      id: string
    }>()
    await env.DB.batch(
      messages.results.map((message) =>
        env.DB.prepare(
          `insert into deliveries (endpoint_id, message_id, status, next_attempt_at) values (?1, ?2, 'pending', 1)`
        ).bind(id, message.id)
      )
    )
    await world.sweep(later(0))
    await world.drain()
    expect(await health()).toMatchObject({ consecutive_failures: 0, failing_since: null })
  })

  it('sends the first retry as a delayed work order, and leaves later ones to the sweep', async () => {
    const world = new World()
    const box = mailbox()
    const { id } = await anEndpoint(world, box.url('fail-times/2'))
    await aComment(world)
    await world.drain()
    const [soon] = world.queued
    expect(soon).toMatchObject({ queue: 'guesthook-patient' })
    expect(soon?.delaySeconds).toBeGreaterThanOrEqual(5)
    expect(soon?.delaySeconds).toBeLessThanOrEqual(7)
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

  it('sends a retry by hand as the next attempt of the same delivery', async () => {
    const world = new World()
    const box = mailbox()
    const { id } = await anEndpoint(world, box.url('ok'))
    await aComment(world)
    await world.drain()
    const message = await latestMessageId(world)
    const path = `/api/messages/${message}/deliveries/${id}/retry`
    expect(await world.api('POST', path)).toMatchObject({
      status: 202,
      body: { status: 'pending' },
    })
    expect(await world.api('POST', path)).toMatchObject({
      status: 200,
      body: { status: 'pending' },
    })
    await world.drain()
    const delivery = await theDelivery(world, id)
    expect(delivery).toMatchObject({ status: 'delivered', attempt_count: 2 })
    expect(delivery.attempts.map(({ number, trigger }) => [number, trigger])).toEqual([
      [2, 'manual'],
      [1, 'auto'],
    ])
    const received = await box.received()
    expect(received.map((one) => one.headers['webhook-id'])).toEqual([message, message])
  })

  it('gives a retry by hand a fresh schedule after the old one was spent', async () => {
    const world = new World()
    const { id } = await anEndpoint(world, mailbox().url('status/410'))
    await aComment(world)
    await world.drain()
    const message = await latestMessageId(world)
    const path = `/api/messages/${message}/deliveries/${id}/retry`
    expect(await world.api('POST', path)).toMatchObject({
      status: 409,
      body: { code: 'endpoint_disabled' },
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

  it('makes a retry now that is scheduled for later, when a person asks for that', async () => {
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
    const path = `/api/messages/${await latestMessageId(world)}/deliveries/${id}/retry`
    expect(await world.api('POST', path)).toMatchObject({ status: 200 })
    expect((await theDelivery(world, id)).next_attempt_at).toBe(before.next_attempt_at)
    expect(world.queued).toEqual([])
    // No reason: it does not wait for a retry any more, it is being sent.
    const hastened = await world.api('POST', path, { hasten: true })
    expect(hastened).toMatchObject({ status: 202, body: { status: 'pending', reason: null } })
    expect(await world.api('POST', path, { hasten: true })).toMatchObject({ status: 200 })
    await world.drain()
    const delivery = await theDelivery(world, id)
    expect(delivery).toMatchObject({ status: 'delivered', attempt_count: 3 })
    expect(delivery.attempts[0]).toMatchObject({ trigger: 'manual' })
  })

  it('leaves a pending delivery of a disabled endpoint as it is', async () => {
    const world = new World()
    const { id } = await anEndpoint(world, mailbox().url('status/500'))
    await aComment(world)
    await world.drain()
    await world.api('POST', `/api/endpoints/${id}/disable`)
    const path = `/api/messages/${await latestMessageId(world)}/deliveries/${id}/retry`
    expect(await world.api('POST', path)).toMatchObject({
      status: 200,
      body: { status: 'pending' },
    })
    expect(await world.api('POST', path, { hasten: true })).toMatchObject({ status: 409 })
  })

  it('does not blame a new URL for what an old one answered', async () => {
    const world = new World()
    const box = mailbox()
    const { id } = await anEndpoint(world, box.url('late-410/1500'))
    await aComment(world)
    const [dispatch] = world.queued.splice(0)
    const consumed = dispatch && world.consume(dispatch)
    await vi.waitFor(async () => expect(await box.received()).toHaveLength(1))
    await world.api('PATCH', `/api/endpoints/${id}`, { url: box.url('ok') })
    await consumed
    expect(await theDelivery(world, id)).toMatchObject({ status: 'failed', reason: 'gone' })
    expect((await world.api('GET', `/api/endpoints/${id}`)).body).toMatchObject({
      status: 'enabled',
      health: { consecutive_failures: 0 },
    })
  })

  it('keeps a message of an owner as it was sent, special keys too', async () => {
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

  it('sends only what an endpoint asks for', async () => {
    const world = new World()
    const [all, family, other, ping] = [mailbox(), mailbox(), mailbox(), mailbox()]
    await anEndpoint(world, all.url())
    await anEndpoint(world, family.url(), { event_types: ['invoice.*'] })
    await anEndpoint(world, other.url(), { event_types: ['comment.published', 'invoice'] })
    await anEndpoint(world, ping.url(), { event_types: ['ping'] })
    await world.api('POST', '/api/messages', { type: 'invoice.paid', data: { number: 42 } })
    await world.drain()
    const got = await Promise.all(
      [all, family, other, ping].map(async (box) => (await box.received()).length)
    )
    expect(got).toEqual([1, 1, 0, 0])
  })

  it('keeps the patient lane for endpoints that fail or are slow', async () => {
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

  it('parks what is due for a disabled endpoint and sends it, oldest first, when it is enabled', async () => {
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
    const { body } = await world.api<{
      data: { status: string; reason: string; next_attempt_at: null }[]
    }>('GET', `/api/endpoints/${id}/deliveries`)
    expect(body.data).toHaveLength(3)
    for (const delivery of body.data) {
      expect(delivery).toMatchObject({
        status: 'pending',
        reason: 'endpoint_disabled',
        next_attempt_at: null,
      })
    }
    await world.api('POST', `/api/endpoints/${id}/enable`)
    await world.drain()
    const received = (await box.received())
      .slice(3)
      .map((one) => JSON.parse(one.body).data.comment.body)
    expect(received).toEqual(['number 0', 'number 1', 'number 2'])
  })

  it('cancels at once what still waits for a deleted endpoint', async () => {
    const world = new World()
    const box = mailbox()
    const { id } = await anEndpoint(world, box.url('status/500'))
    await aComment(world)
    await world.drain()
    const message = await latestMessageId(world)
    world.loseQueue()
    await world.sweep(later(7_000))
    await world.drain()
    expect(await world.api('DELETE', `/api/endpoints/${id}`)).toMatchObject({ status: 204 })
    expect(await env.DB.prepare('select secrets from endpoints').first('secrets')).toBe('')
    expect(await theDelivery(world, id, message)).toMatchObject({
      status: 'canceled',
      reason: 'endpoint_deleted',
      curl: null,
    })
    expect(await box.received()).toHaveLength(2)
  })

  it('cancels what may be under way when its time comes', async () => {
    const world = new World()
    const { id } = await anEndpoint(world, mailbox().url('status/500'))
    await aComment(world)
    await world.drain()
    const message = await latestMessageId(world)
    await world.api('DELETE', `/api/endpoints/${id}`)
    expect(await theDelivery(world, id, message)).toMatchObject({ status: 'pending' })
    await world.sweep(later(DAY))
    await world.drain()
    expect(await theDelivery(world, id, message)).toMatchObject({ status: 'canceled' })
  })

  it('cancels what was parked when its endpoint is deleted', async () => {
    const world = new World()
    const { id } = await anEndpoint(world, mailbox().url('status/500'))
    await aComment(world)
    await world.drain()
    const message = await latestMessageId(world)
    world.loseQueue()
    await world.api('POST', `/api/endpoints/${id}/disable`)
    await world.sweep(later(DAY))
    await world.drain()
    expect(await theDelivery(world, id, message)).toMatchObject({
      reason: 'endpoint_disabled',
      next_attempt_at: null,
    })
    await world.api('DELETE', `/api/endpoints/${id}`)
    await world.sweep(later(DAY))
    await world.drain()
    expect(await theDelivery(world, id, message)).toMatchObject({
      status: 'canceled',
      reason: 'endpoint_deleted',
    })
  })

  it('parks nothing for an endpoint that is enabled while its order is being read', async () => {
    const world = new World()
    const box = mailbox()
    const { id } = await anEndpoint(world, box.url('fail-times/1'))
    await aComment(world)
    await world.drain()
    await world.api('POST', `/api/endpoints/${id}/disable`)
    vi.setSystemTime(later(7_000))
    const [order] = world.queued.splice(0)
    const { prepare } = world.env.DB
    let enabled = false
    world.env.DB.prepare = (sql) => {
      const statement = prepare(sql)
      if (!/join endpoints e on e\.id = j\.value/.test(sql)) return statement
      // Between reading the order and parking it, the owner enables the endpoint.
      return {
        bind: (...values: unknown[]) => ({
          run: async () => {
            enabled = true
            await world.api('POST', `/api/endpoints/${id}/enable`)
            return statement.bind(...values).run()
          },
        }),
      } as never
    }
    if (order) await world.consume(order)
    world.env.DB.prepare = prepare
    expect(enabled).toBe(true)
    vi.useRealTimers()
    await world.sweep(later(10 * 60_000))
    await world.drain()
    expect(await theDelivery(world, id)).toMatchObject({ status: 'delivered' })
  })

  it('signs with both secrets while one rotates, and with the new one alone after that', async () => {
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
    await aComment(world)
    await world.drain()
    const [first, expired, second] = await box.received()
    expect(first?.headers['webhook-signature']).toMatch(/^v1,\S+ v1,\S+ v1a,\S+$/)
    expect(expired?.headers['webhook-signature']).toMatch(/^v1,\S+ v1a,\S+$/)
    for (const secret of [old, rotated.body.secret]) {
      new Webhook(secret).verify(first?.body ?? '', first?.headers ?? {})
      expect(() => new Webhook(secret).verify(second?.body ?? '', second?.headers ?? {})).toThrow()
    }
    const { body } = await world.api<{ secret: string }>('GET', `/api/endpoints/${id}/secret`)
    new Webhook(body.secret).verify(second?.body ?? '', second?.headers ?? {})
  })

  it('works through the real queues, from the request to the receiver', async () => {
    const { env } = await import('cloudflare:workers')
    const world = new World({ FRESH: env.FRESH, PATIENT: env.PATIENT })
    const box = mailbox()
    const { id } = await anEndpoint(world, box.url('fail-times/1'))
    await aComment(world)
    await vi.waitFor(
      async () =>
        expect(await theDelivery(world, id)).toMatchObject({
          status: 'delivered',
          attempt_count: 2,
        }),
      { timeout: 20_000, interval: 250 }
    )
    expect(await box.received()).toHaveLength(2)
  })
})

describe('what receivers answer', () => {
  const cases = [
    ['status/204', 'delivered', null, 'delivered', null, 204],
    ['status/301', 'pending', 'retrying', 'refused', 'redirect', 301],
    ['redirect', 'pending', 'retrying', 'refused', 'redirect', 302],
    ['status/400', 'pending', 'retrying', 'refused', 'http_4xx', 400],
    ['status/404', 'pending', 'retrying', 'refused', 'http_4xx', 404],
    ['status/410', 'failed', 'gone', 'refused', 'gone', 410],
    ['status/429', 'pending', 'throttled', 'refused', 'rate_limited', 429],
    ['status/503', 'pending', 'retrying', 'refused', 'http_5xx', 503],
    ['status/522', 'pending', 'retrying', 'unreachable', 'origin_unreachable', 522],
    ['close', 'pending', 'retrying', 'unreachable', 'connection_lost', null],
    ['broken/410', 'failed', 'gone', 'refused', 'gone', 410],
    ['broken/429', 'pending', 'throttled', 'refused', 'rate_limited', 429],
    ['broken/500', 'pending', 'throttled', 'refused', 'http_5xx', 500],
    ['half-answer', 'pending', 'retrying', 'unreachable', 'connection_lost', 200],
  ] as const

  it.each(cases)(
    '%s: the delivery is %s (%s), the attempt %s (%s, %s)',
    async (behaviour, status, reason, outcome, errorClass, code) => {
      const world = new World()
      const { id } = await anEndpoint(world, mailbox().url(behaviour))
      await aComment(world)
      await world.drain()
      const delivery = await theDelivery(world, id)
      expect(delivery).toMatchObject({ status, reason, attempt_count: 1, last_status_code: code })
      expect(delivery.attempts).toMatchObject([
        { number: 1, outcome, error_class: errorClass, status_code: code },
      ])
    }
  )

  it('disables an endpoint that answers 410', async () => {
    const world = new World()
    const { id } = await anEndpoint(world, mailbox().url('status/410'))
    await aComment(world)
    await world.drain()
    expect((await world.api('GET', `/api/endpoints/${id}`)).body).toMatchObject({
      status: 'disabled',
      disabled_reason: 'gone',
    })
  })

  it.each([
    ['retry-after/3600', 3_600_000],
    ['unavailable/7200', 7_200_000],
    ['unavailable/999999', DAY],
  ])(
    'honours the hint of %s in full, up to a day, for the whole endpoint',
    async (behaviour, wait) => {
      const world = new World()
      const box = mailbox()
      const { id } = await anEndpoint(world, box.url(behaviour))
      await aComment(world)
      await world.drain()
      await aComment(world)
      await world.drain()
      for (const message of await messageIds(world)) {
        expect(await theDelivery(world, id, message)).toMatchObject({
          status: 'pending',
          reason: 'throttled',
          next_attempt_at: null,
        })
      }
      const { health } = await theEndpoint(world, id)
      expect(health.breaker).toBe('held')
      const left = Date.parse(health.resume_at ?? '') - Date.now()
      expect(left).toBeGreaterThan(wait - 5_000)
      expect(left).toBeLessThanOrEqual(wait)
      await world.sweep(later(wait - 60_000))
      await world.drainDelayed()
      expect(await box.received()).toHaveLength(1)
      await world.api('PATCH', `/api/endpoints/${id}`, {
        description: 'changed, with the same URL',
      })
      await world.sweep(later(wait + 1))
      await world.drainDelayed()
      // The first answered with a new hint, so the second waits on.
      expect(await box.received()).toHaveLength(2)
    }
  )

  it('uses up no step of the schedule for a 429', async () => {
    const world = new World()
    const { id } = await anEndpoint(world, mailbox().url('retry-after/1'))
    await aComment(world)
    await world.drain()
    for (let i = 2; i <= 12; i++) {
      world.loseQueue()
      await world.sweep(later(i < 12 ? 2_000 : 2 * 60_000))
      await world.drain()
    }
    expect(await theDelivery(world, id)).toMatchObject({
      status: 'pending',
      reason: 'throttled',
      attempt_count: 12,
    })
  })

  it('stops at the URL policy of the moment of sending, and does not retry', async () => {
    const world = new World()
    const { id } = await anEndpoint(world, mailbox().url('ok'))
    await aComment(world)
    world.env.ALLOW_LOCAL_ENDPOINTS = 'false'
    await world.drain()
    const delivery = await theDelivery(world, id)
    expect(delivery).toMatchObject({ status: 'failed', reason: 'blocked' })
    expect(delivery.attempts).toMatchObject([
      { outcome: 'blocked', error_class: 'url_scheme', status_code: null },
    ])
  })

  it.each([
    ['endless', 'delivered', 200, null],
    ['big-body', 'delivered', 200, null],
    ['nul', 'delivered', 200, null],
  ])('reads no more of %s than it has to', async (behaviour, status, code, errorClass) => {
    const world = new World()
    const { id } = await anEndpoint(world, mailbox().url(behaviour))
    await aComment(world)
    await world.drain()
    const delivery = await theDelivery(world, id)
    expect(delivery).toMatchObject({ status, last_status_code: code })
    const [attempt] = delivery.attempts
    expect(attempt?.error_class).toBe(errorClass)
    expect(attempt?.response_excerpt?.length).toBeLessThanOrEqual(1_024)
    expect(attempt?.response_excerpt).not.toContain('\0')
  })

  it('survives 10 MB of headers as an unreachable receiver', async () => {
    const world = new World()
    const { id } = await anEndpoint(world, mailbox().url('big-header'))
    await aComment(world)
    await world.drain()
    const { attempts } = await theDelivery(world, id)
    expect(attempts).toMatchObject([{ outcome: 'unreachable' }])
    expect(attempts[0]?.duration_ms).toBeLessThan(16_000)
  })

  it.each(['hang', 'drip'])(
    'ends %s at the deadline, and calls the endpoint slow',
    async (behaviour) => {
      const world = new World()
      const { id } = await anEndpoint(world, mailbox().url(behaviour))
      await aComment(world)
      await world.drain()
      const delivery = await theDelivery(world, id)
      expect(delivery).toMatchObject({ status: 'pending', reason: 'retrying' })
      expect(delivery.attempts).toMatchObject([{ outcome: 'timed_out', error_class: 'deadline' }])
      expect(delivery.attempts[0]?.duration_ms).toBeGreaterThanOrEqual(14_900)
      expect(delivery.attempts[0]?.duration_ms).toBeLessThan(17_000)
      const { body } = await world.api<{ health: { slow_until: string } }>(
        'GET',
        `/api/endpoints/${id}`
      )
      expect(Date.parse(body.health.slow_until)).toBeGreaterThan(Date.now())
    }
  )
})
