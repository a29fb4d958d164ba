import { describe, expect, it } from 'vitest'
import { aComment, anEndpoint, later, mailbox } from '../../../support/fixtures'
import { messageIds, theDelivery, theEndpoint } from '../../../support/views'
import { World } from '../../../support/world'

const MINUTE = 60_000
const DAY = 86_400_000

/** A receiver that has been sent one comment. */
async function aReceiver(behavior: string) {
  const world = new World()
  const box = mailbox()
  const { id } = await anEndpoint(world, box.url(behavior))
  await aComment(world)
  await world.drain()
  return { world, box, id }
}

describe('a receiver', () => {
  it.each([
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
  ] as const)(
    'that behaves like %s leaves the delivery %s (%s), after an attempt with the outcome %s (%s, %s)',
    async (behavior, status, reason, outcome, error_class, status_code) => {
      const { world, id } = await aReceiver(behavior)
      expect(await theDelivery(world, id)).toMatchObject({
        status,
        reason,
        attempt_count: 1,
        last_status_code: status_code,
        attempts: [{ number: 1, outcome, error_class, status_code }],
      })
    }
  )

  it('that responds with 410 causes its endpoint to be disabled', async () => {
    const { world, id } = await aReceiver('status/410')
    expect(await theEndpoint(world, id)).toMatchObject({
      status: 'disabled',
      disabled_reason: 'gone',
    })
  })

  it.each([
    ['retry-after/3600', 3_600_000],
    ['unavailable/7200', 7_200_000],
    ['unavailable/999999', DAY],
  ])('that behaves like %s puts its endpoint on hold for %i ms', async (behavior, wait) => {
    const { world, box, id } = await aReceiver(behavior)
    await aComment(world)
    await world.drain()
    const deliveries = await Promise.all(
      (await messageIds(world)).map((message_id) => theDelivery(world, id, message_id))
    )
    const held = { status: 'pending', reason: 'throttled', next_attempt_at: null }
    expect(deliveries).toMatchObject([held, held])
    const { health } = await theEndpoint(world, id)
    expect(health.breaker).toBe('held')
    const left = Date.parse(health.resume_at ?? '') - Date.now()
    expect(left).toBeGreaterThan(wait - 5_000)
    expect(left).toBeLessThanOrEqual(wait)
    await world.sweep(later(wait - 130_000))
    await world.drainDelayed()
    expect(await box.received()).toHaveLength(1)
    const description = 'changed, with the same URL'
    await world.api('PATCH', `/api/endpoints/${id}`, { description })
    await world.sweep(later(wait + 1))
    await world.drainDelayed()
    // The response to the first delivery has a new Retry-After, so the second delivery stays parked.
    expect(await box.received()).toHaveLength(2)
  })

  it('that responds with 429 does not use up a step of the schedule', async () => {
    const { world, id } = await aReceiver('retry-after/1')
    for (let i = 2; i <= 12; i++) {
      world.loseQueue()
      await world.sweep(later(i < 12 ? 2_000 : 2 * MINUTE))
      await world.drain()
    }
    expect(await theDelivery(world, id)).toMatchObject({
      status: 'pending',
      reason: 'throttled',
      attempt_count: 12,
    })
  })

  it('that the URL policy no longer allows is not called, and the delivery fails', async () => {
    const world = new World()
    const { id } = await anEndpoint(world, mailbox().url('ok'))
    await aComment(world)
    world.env.ALLOW_LOCAL_ENDPOINTS = 'false'
    await world.drain()
    expect(await theDelivery(world, id)).toMatchObject({
      status: 'failed',
      reason: 'blocked',
      attempts: [{ outcome: 'blocked', error_class: 'url_scheme', status_code: null }],
    })
  })

  it.each(['endless', 'big-body', 'nul'])(
    'that behaves like %s is successful, with an excerpt of at most 1,024 characters and no NUL',
    async (behavior) => {
      const { world, id } = await aReceiver(behavior)
      const delivery = await theDelivery(world, id)
      expect(delivery).toMatchObject({ status: 'delivered', last_status_code: 200 })
      const [attempt] = delivery.attempts
      expect(attempt?.error_class).toBeNull()
      expect(attempt?.response_excerpt?.length).toBeLessThanOrEqual(1_024)
      expect(attempt?.response_excerpt).not.toContain('\0')
    }
  )

  it('that sends 10 MB of headers counts as unreachable', async () => {
    const { world, id } = await aReceiver('big-header')
    const { attempts } = await theDelivery(world, id)
    expect(attempts).toMatchObject([{ outcome: 'unreachable' }])
    expect(attempts[0]?.duration_ms).toBeLessThan(16_000)
  })

  it('that hangs, or sends a byte a second, times out at the deadline, and its endpoint is slow', async () => {
    const world = new World()
    const ids: string[] = []
    // Both are called at the same time, because each takes as long as the deadline.
    for (const behavior of ['hang', 'drip']) ids.push((await anEndpoint(world, mailbox().url(behavior))).id)
    await aComment(world)
    await world.drain()
    for (const id of ids) {
      const delivery = await theDelivery(world, id)
      expect(delivery).toMatchObject({
        status: 'pending',
        reason: 'retrying',
        attempts: [{ outcome: 'timed_out', error_class: 'deadline' }],
      })
      expect(delivery.attempts[0]?.duration_ms).toBeGreaterThanOrEqual(14_900)
      expect(delivery.attempts[0]?.duration_ms).toBeLessThan(17_000)
      const { health } = await theEndpoint(world, id)
      expect(Date.parse(health.slow_until ?? '')).toBeGreaterThan(Date.now())
    }
  })

  it.each(['status/502', 'status/504'])(
    'that behaves like %s is overloaded, so its endpoint is slow for ten minutes',
    async (behavior) => {
      const { world, id } = await aReceiver(behavior)
      const { health } = await theEndpoint(world, id)
      expect(Date.parse(health.slow_until ?? '')).toBeGreaterThan(later(9 * MINUTE))
    }
  )
})
